import { IconInfoCircle } from "@tabler/icons-react";
import css from "./WorkNotes.module.css";

/** What the engine had to say about a work, as it says it. */
export function WorkNotes({ notes }: { notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <ul className={css.notes}>
      {notes.map((note) => (
        <li key={note}>
          <IconInfoCircle size={18} aria-hidden="true" />
          <span>{note}</span>
        </li>
      ))}
    </ul>
  );
}

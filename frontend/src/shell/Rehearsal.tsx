import { useHouse } from "../api/house";
import css from "./Shell.module.css";
import { text } from "./strings";

/** Says loudly what here is not real. */
export function Rehearsal() {
  const house = useHouse();
  if (!house) return null;
  const said = [
    house.payments === "rehearsal" && text.rehearsal.payments,
    house.mail === "outbox" && text.rehearsal.mail,
    !house.secure_sign_in && text.rehearsal.sign,
  ].filter(Boolean);
  if (said.length === 0) return null;
  return (
    <aside className={css.banner} aria-label={text.rehearsal.title}>
      <p>
        <strong>{text.rehearsal.title}</strong> {said.join(" ")}
      </p>
    </aside>
  );
}

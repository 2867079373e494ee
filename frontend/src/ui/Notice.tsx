import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import css from "./Notice.module.css";

interface Props {
  /** no: it came to nothing; mind: mind this; plain: as it was wished. */
  tone: "no" | "mind" | "plain";
  title: string;
  children: ReactNode;
}

/** What became of something, where that is not an answer to what was done on this page just now. */
export function Notice({ tone, title, children }: Props) {
  return (
    <section className={css.notice} data-tone={tone} aria-label={title}>
      <IconAlertTriangle aria-hidden="true" size={22} />
      <div>
        <p className={css.title}>{title}</p>
        {children}
      </div>
    </section>
  );
}

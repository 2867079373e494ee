import { IconCheck } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { STEPS, type Step } from "./own";
import css from "./Steps.module.css";
import { text } from "./strings";

interface Props {
  /** Without one the later steps cannot be opened yet. */
  style?: string;
  at: Step;
  done: Record<Step, boolean>;
}

/** The way to a live style; any step can be opened at any time. */
export function Steps({ style, at, done }: Props) {
  return (
    <nav aria-label={text.steps.label} className={css.nav}>
      <ol className={css.steps}>
        {STEPS.map((step, index) => {
          const inside = (
            <>
              <span className={css.mark} data-done={done[step]}>
                {done[step] ? <IconCheck size={16} stroke={2.4} aria-hidden="true" /> : index + 1}
              </span>
              <span className={css.label}>
                {text.steps.names[step]}
                {done[step] && <span className="unseen"> ({text.steps.done})</span>}
              </span>
            </>
          );
          return (
            <li key={step} className={css.step} data-done={done[step]}>
              {style ? (
                <Link
                  to="/my-styles/$id"
                  params={{ id: style }}
                  search={{ step }}
                  resetScroll={false}
                  className={css.link}
                  aria-current={step === at ? "step" : undefined}
                >
                  {inside}
                </Link>
              ) : (
                <span className={css.link} aria-current={step === at ? "step" : undefined}>
                  {inside}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

import { Button, Progress } from "@mantine/core";
import { type Beat, fraction } from "../api/beats";
import type { Link } from "../api/progress";
import css from "./ProgressCard.module.css";
import { stageInWords, words } from "./progressWords";

interface Props {
  beat: Beat;
  link: Link;
  onCancel?: () => void;
  cancelling?: boolean;
}

/** How far a work is, what happens to it now, and how long that will still take. */
export function ProgressCard({ beat, link, onCancel, cancelling = false }: Props) {
  const part = fraction(beat);
  const percent = part === null ? null : Math.floor(part * 100);
  return (
    <section className={css.card} aria-label={words.label}>
      <div className={css.line}>
        <p className={css.stage} aria-live="polite">
          {cancelling ? words.cancelling : stageInWords(beat.stage)}
        </p>
        <p className={css.percent}>{percent !== null && `${percent} %`}</p>
      </div>
      <Progress
        value={percent ?? (beat.state === "queued" ? 0 : 100)}
        animated={percent === null && beat.state === "running"}
        size="lg"
        aria-label={words.label}
      />
      <div className={css.line}>
        <p className={css.rest}>{link === "away" ? words.away : rest(beat, link)}</p>
        {onCancel && (
          <Button variant="default" size="sm" onClick={onCancel} disabled={cancelling}>
            {words.cancel}
          </Button>
        )}
      </div>
    </section>
  );
}

function rest({ state, ahead, eta_seconds }: Beat, link: Link): string {
  const place = state === "queued" && ahead !== null ? (ahead === 0 ? words.next : words.ahead(ahead)) : "";
  const time = eta_seconds === null ? "" : eta_seconds > 0 ? `${words.left(eta_seconds)}.` : `${words.soon}.`;
  return [place, time, link === "asking" && state === "running" ? words.asking : ""].filter(Boolean).join(" ");
}

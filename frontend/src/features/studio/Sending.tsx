import { Button, Progress } from "@mantine/core";
import type { UploadState } from "../../api/upload";
import { ProblemAlert } from "../../ui/ProblemAlert";
import css from "./Picture.module.css";
import { text } from "./strings";

interface Props {
  /** What is sent, in words. */
  what: string;
  sending: UploadState;
  onStop: () => void;
  onRetry: () => void;
}

/** How far a file is on its way to the house, and what keeps it from there. */
export function Sending({ what, sending, onStop, onRetry }: Props) {
  if (sending.at === "failed") return <ProblemAlert error={sending.problem} onRetry={onRetry} />;
  if (sending.at !== "sending") return null;
  const percent = sending.total > 0 ? Math.floor((sending.sent / sending.total) * 100) : 0;
  return (
    <div className={css.sending}>
      <span>{text.sending.words(what, percent)}</span>
      <Progress value={percent} aria-label={what} className={css.bar} />
      <Button variant="subtle" size="sm" onClick={onStop}>
        {text.sending.stop}
      </Button>
    </div>
  );
}

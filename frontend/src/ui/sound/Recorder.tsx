import { Button } from "@mantine/core";
import { IconMicrophone, IconPlayerStopFilled } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { Notice } from "../Notice";
import { clock } from "./peaks";
import css from "./Recorder.module.css";
import { text as all } from "./strings";
import { type Loudness, loudnessOf, useRecorder } from "./useRecorder";

const text = all.recorder;
const HOLD = 1.5; // seconds that a loud moment is spoken of
const PATIENCE = 3; // seconds of nothing before it is said

export interface RecorderProps {
  onRecorded: (file: File) => void;
  /** There is one already: this one takes its place. */
  again?: boolean;
}

/** A button to record by; while it records, a meter, the time, and a button to stop. */
export default function Recorder({ onRecorded, again = false }: RecorderProps) {
  const { state, start, stop } = useRecorder(onRecorded);
  if (state.at === "going") return <Going seconds={state.seconds} level={state.level} onStop={stop} />;
  return (
    <div className={css.recorder}>
      <Button
        leftSection={<IconMicrophone size={20} aria-hidden="true" />}
        variant={again ? "default" : "filled"}
        loading={state.at === "asking"}
        onClick={start}
      >
        {again ? text.again : text.start}
      </Button>
      {state.at === "asking" && <p role="status">{text.asking}</p>}
      {state.at !== "asking" && !again && <p>{text.hint}</p>}
      {state.at === "refused" && (
        <div role="alert" className={css.refused}>
          <Notice tone="mind" title={text.refused[state.why].title}>
            <p>{text.refused[state.why].words}</p>
          </Notice>
        </div>
      )}
    </div>
  );
}

function Going({ seconds, level, onStop }: { seconds: number; level: number; onStop: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  const loudness = useLoudness(seconds, level);
  return (
    <div className={css.going}>
      <p className={css.time}>
        <span className={css.dot} aria-hidden="true" />
        <span>{text.going}</span> <time>{clock(seconds)}</time>
      </p>
      <div className={css.meter} data-loudness={loudness}>
        <span style={{ transform: `scaleX(${level})` }} />
        <meter className="unseen" aria-label={text.level} aria-valuetext={text.levels[loudness]} value={level} />
      </div>
      <p className={css.level} role="status">
        {loudness === "silent" && seconds > PATIENCE ? text.silent : text.levels[loudness]}
      </p>
      <Button
        ref={button}
        color="madder"
        leftSection={<IconPlayerStopFilled size={18} aria-hidden="true" />}
        onClick={onStop}
      >
        {text.stop}
      </Button>
    </div>
  );
}

/** What was loudest of late, so that the words do not flicker with every syllable. */
function useLoudness(seconds: number, level: number): Loudness {
  const [top, setTop] = useState({ level, at: seconds });
  const stale = seconds - top.at > HOLD;
  if (level > top.level || (stale && level !== top.level)) setTop({ level, at: seconds });
  return loudnessOf(stale ? level : Math.max(level, top.level));
}

import { type KeyboardEvent, type PointerEvent, useMemo, useRef } from "react";
import { clock, pathOf, type Span, spanOf } from "./peaks";
import { text } from "./strings";
import css from "./Waveform.module.css";

/** A stretch that something is said of. */
export interface Mark extends Span {
  label: string;
}

interface Props {
  name: string;
  peaks: Float32Array | null;
  /** Drawn where there are no peaks. */
  picture?: string | null;
  /** Seconds. */
  duration: number;
  at: number;
  loop: Span | null;
  marks?: readonly Mark[];
  onSeek: (seconds: number) => void;
  onLoop: (loop: Span | null) => void;
  onToggle: () => void;
}

const STEPS: Record<string, number> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -5,
  PageUp: 5,
};
const DRAG = 6; // pixels before a press is a loop being drawn, not a place
const FIRST = 1; // second that the first press of an arrow loops

/** A sound to look at and move about in: press for a place, drag for a loop, or use the keys. */
export function Waveform({ name, peaks, picture, duration, at, loop, marks = [], onSeek, onLoop, onToggle }: Props) {
  const path = useMemo(() => peaks && pathOf(peaks), [peaks]);
  const from = useRef<{ x: number; seconds: number } | null>(null);
  const part = (seconds: number) => `${duration > 0 ? Math.min(100, (seconds / duration) * 100) : 0}%`;
  const place = ({ begin, end }: Span) => ({ left: part(begin), width: part(end - begin) });

  function pointed(event: PointerEvent<HTMLDivElement>): number {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * duration;
  }
  function drag(event: PointerEvent<HTMLDivElement>): void {
    if (!from.current || Math.abs(event.clientX - from.current.x) < DRAG) return;
    const drawn = spanOf(from.current.seconds, pointed(event), duration);
    if (drawn) onLoop(drawn);
  }
  function release(event: PointerEvent<HTMLDivElement>): void {
    const began = from.current;
    from.current = null;
    if (began && Math.abs(event.clientX - began.x) < DRAG) onSeek(pointed(event));
  }
  function press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (event.key === " ") onToggle();
    else if (event.key === "Home") onSeek(0);
    else if (event.key === "End") onSeek(duration);
    else if (step === undefined) return;
    else if (event.shiftKey) stretch(step);
    else onSeek(Math.max(0, Math.min(duration, at + step)));
    event.preventDefault();
    event.stopPropagation(); // Space is the page's own key, too
  }
  function stretch(by: number): void {
    const now = loop ?? { begin: at, end: at + FIRST - Math.max(0, by) };
    onLoop(spanOf(now.begin, Math.max(now.begin, now.end + by), duration));
  }

  return (
    <div
      className={css.wave}
      role="slider"
      tabIndex={0}
      aria-label={text.position(name)}
      aria-description={text.keys}
      aria-valuemin={0}
      aria-valuemax={Math.round(duration)}
      aria-valuenow={Math.round(at)}
      aria-valuetext={text.at(clock(at), clock(duration))}
      onKeyDown={press}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { x: event.clientX, seconds: pointed(event) };
      }}
      onPointerMove={drag}
      onPointerUp={release}
      onPointerCancel={() => {
        from.current = null;
      }}
    >
      {path && peaks ? (
        <>
          <Drawn path={path} bars={peaks.length} />
          <div className={css.played} style={{ clipPath: `inset(0 calc(100% - ${part(at)}) 0 0)` }}>
            <Drawn path={path} bars={peaks.length} />
          </div>
        </>
      ) : (
        picture && <img data-waveform src={picture} alt="" draggable={false} />
      )}
      {marks.map((mark) => (
        <span key={`${mark.begin}/${mark.label}`} className={css.mark} style={place(mark)} title={mark.label} />
      ))}
      {loop && <span className={css.loop} style={place(loop)} />}
      <span className={css.now} style={{ left: part(at) }} />
    </div>
  );
}

function Drawn({ path, bars }: { path: string; bars: number }) {
  return (
    <svg viewBox={`0 0 ${bars} 2`} preserveAspectRatio="none" aria-hidden="true">
      <path d={path} fill="currentColor" />
    </svg>
  );
}

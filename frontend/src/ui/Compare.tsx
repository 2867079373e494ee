import { Button } from "@mantine/core";
import { type KeyboardEvent, type PointerEvent, useState } from "react";
import css from "./Compare.module.css";
import { text } from "./strings";

interface Props {
  before: string;
  after: string;
  alt: string;
  width: number;
  height: number;
}

const STEPS: Record<string, number> = {
  ArrowLeft: -2,
  ArrowDown: -2,
  ArrowRight: 2,
  ArrowUp: 2,
  PageDown: -10,
  PageUp: 10,
};

/** Two pictures over each other with a handle between: drag, tap, or use the arrow keys; or hold to see one whole. */
export function Compare({ before, after, alt, width, height }: Props) {
  const [at, setAt] = useState(50);
  const [held, setHeld] = useState(false);
  const shown = held ? 100 : at;

  function point(event: PointerEvent<HTMLDivElement>) {
    const box = event.currentTarget.getBoundingClientRect();
    setAt(clamp(Math.round(((event.clientX - box.left) / box.width) * 100)));
  }
  function press(event: KeyboardEvent) {
    const to = event.key === "Home" ? 0 : event.key === "End" ? 100 : at + (STEPS[event.key] ?? Number.NaN);
    if (Number.isNaN(to)) return;
    event.preventDefault();
    setAt(clamp(to));
  }

  return (
    <figure className={css.figure}>
      <div
        className={css.stage}
        style={{ aspectRatio: `${width} / ${height}` }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          point(event);
        }}
        onPointerMove={(event) => event.buttons > 0 && point(event)}
      >
        <img src={after} alt={alt} width={width} height={height} draggable={false} />
        <img
          src={before}
          alt=""
          width={width}
          height={height}
          draggable={false}
          className={css.before}
          style={{ clipPath: `inset(0 ${100 - shown}% 0 0)` }}
        />
        <span className={css.tag} data-side="before" data-hidden={shown < 15} aria-hidden="true">
          {text.compare.before}
        </span>
        <span className={css.tag} data-side="after" data-hidden={shown > 85} aria-hidden="true">
          {text.compare.after}
        </span>
        <div
          className={css.handle}
          style={{ left: `${shown}%` }}
          role="slider"
          tabIndex={0}
          aria-label={text.compare.label}
          aria-orientation="horizontal"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={at}
          aria-valuetext={text.compare.value(at)}
          onKeyDown={press}
        >
          <span aria-hidden="true">‹ ›</span>
        </div>
      </div>
      <Button
        variant="default"
        size="sm"
        className={css.hold}
        aria-pressed={held}
        onPointerDown={() => setHeld(true)}
        onPointerUp={() => setHeld(false)}
        onPointerLeave={() => setHeld(false)}
        onPointerCancel={() => setHeld(false)}
        onKeyDown={(event) => [" ", "Enter"].includes(event.key) && setHeld(true)}
        onKeyUp={() => setHeld(false)}
        onBlur={() => setHeld(false)}
      >
        {text.compare.hold}
      </Button>
    </figure>
  );
}

const clamp = (value: number) => Math.max(0, Math.min(100, value));

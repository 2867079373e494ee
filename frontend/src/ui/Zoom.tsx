import { ActionIcon, Button } from "@mantine/core";
import { IconMinus, IconPlus } from "@tabler/icons-react";
import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useRef, useState } from "react";
import { text } from "./strings";
import css from "./Zoom.module.css";

const MOST = 8;
const STEP = 1.4;
const NOTCH = 1.12; // of the wheel
const NUDGE = 60; // pixels for one press of an arrow

interface View {
  scale: number;
  x: number;
  y: number;
}
interface Point {
  x: number;
  y: number;
}
const CENTER: Point = { x: 0, y: 0 };
const FIT: View = { scale: 1, x: 0, y: 0 };

/** A picture to look at closely: wheel, pinch, buttons or keys zoom; dragging and arrows move it. */
export function Zoom({ src, alt, width, height }: { src: string; alt: string; width: number; height: number }) {
  const [view, setView] = useState(FIT);
  const stage = useRef<HTMLDivElement>(null);
  const fingers = useRef(new Map<number, { x: number; y: number }>());

  const zoom = (factor: number, at = CENTER) => setView((now) => held(toward(now, factor, at), stage.current));
  const move = (x: number, y: number) => setView((now) => held({ ...now, x: now.x + x, y: now.y + y }, stage.current));
  const actual = () =>
    setView((now) => held({ ...now, scale: width / (stage.current?.clientWidth || width) }, stage.current));

  useWheel(stage, view.scale, (factor, at) => zoom(factor, at));

  function press(event: KeyboardEvent) {
    const does: Record<string, () => void> = {
      "+": () => zoom(STEP),
      "=": () => zoom(STEP),
      "-": () => zoom(1 / STEP),
      "0": () => setView(FIT),
      ArrowLeft: () => move(NUDGE, 0),
      ArrowRight: () => move(-NUDGE, 0),
      ArrowUp: () => move(0, NUDGE),
      ArrowDown: () => move(0, -NUDGE),
    };
    const run = does[event.key];
    if (!run || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    run();
  }
  function drag(event: PointerEvent) {
    const before = fingers.current.get(event.pointerId);
    if (!before) return;
    const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1];
    const here = { x: event.clientX, y: event.clientY };
    if (other) zoom(distance(here, other) / Math.max(1, distance(before, other)));
    else move(here.x - before.x, here.y - before.y);
    fingers.current.set(event.pointerId, here);
  }
  const lift = (event: PointerEvent) => fingers.current.delete(event.pointerId);

  return (
    <figure className={css.figure}>
      <section
        ref={stage}
        className={css.stage}
        data-zoomed={view.scale > 1}
        style={{ aspectRatio: `${width} / ${height}` }}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it moves and zooms by keys
        tabIndex={0}
        aria-label={text.zoom.label}
        onKeyDown={press}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
        }}
        onPointerMove={drag}
        onPointerUp={lift}
        onPointerCancel={lift}
        onDoubleClick={() => (view.scale > 1 ? setView(FIT) : zoom(2.5))}
      >
        <img
          src={src}
          alt={alt}
          width={width}
          height={height}
          draggable={false}
          style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }}
        />
      </section>
      <div className={css.tools}>
        <ActionIcon
          variant="default"
          size={44}
          aria-label={text.zoom.out}
          onClick={() => zoom(1 / STEP)}
          disabled={view.scale <= 1}
        >
          <IconMinus size={18} />
        </ActionIcon>
        <ActionIcon
          variant="default"
          size={44}
          aria-label={text.zoom.in}
          onClick={() => zoom(STEP)}
          disabled={view.scale >= MOST}
        >
          <IconPlus size={18} />
        </ActionIcon>
        <Button variant="default" h={44} onClick={() => setView(FIT)}>
          {text.zoom.fit}
        </Button>
        <Button variant="default" h={44} onClick={actual}>
          {text.zoom.actual}
        </Button>
        <output className={css.scale} aria-live="polite">
          {Math.round(view.scale * 100)} %
        </output>
      </div>
    </figure>
  );
}

/** With Ctrl, by pinching a touchpad, or once the picture was clicked; else the wheel scrolls the page as everywhere. */
function useWheel(stage: RefObject<HTMLDivElement | null>, scale: number, zoom: (factor: number, at: Point) => void) {
  const latest = useRef({ scale, zoom });
  latest.current = { scale, zoom };
  useEffect(() => {
    const box = stage.current;
    function turn(event: WheelEvent) {
      if (!box || !(event.ctrlKey || document.activeElement === box)) return;
      const into = event.deltaY < 0;
      if (!event.ctrlKey && !into && latest.current.scale <= 1) return; // out of the picture and on with the page
      event.preventDefault();
      const { left, top, width, height } = box.getBoundingClientRect();
      const at = { x: event.clientX - left - width / 2, y: event.clientY - top - height / 2 };
      latest.current.zoom(into ? NOTCH : 1 / NOTCH, at);
    }
    // React listens passively, which could not keep the browser from zooming the page as well.
    box?.addEventListener("wheel", turn, { passive: false });
    return () => box?.removeEventListener("wheel", turn);
  }, [stage]);
}

/** The point under the cursor stays where it is; `at` counts from the middle of the frame. */
function toward({ scale, x, y }: View, factor: number, at: Point): View {
  const size = Math.max(1, Math.min(MOST, scale * factor));
  const by = size / scale;
  return { scale: size, x: at.x - (at.x - x) * by, y: at.y - (at.y - y) * by };
}

/** Keeps the picture in its frame: never smaller than it, never dragged past its edge. */
function held({ scale, x, y }: View, stage: HTMLElement | null): View {
  const size = Math.max(1, Math.min(MOST, scale));
  const [most, tall] = [((size - 1) * (stage?.clientWidth ?? 0)) / 2, ((size - 1) * (stage?.clientHeight ?? 0)) / 2];
  return { scale: size, x: Math.max(-most, Math.min(most, x)), y: Math.max(-tall, Math.min(tall, y)) };
}

const distance = (a: { x: number; y: number }, b: { x: number; y: number }) => Math.hypot(a.x - b.x, a.y - b.y);

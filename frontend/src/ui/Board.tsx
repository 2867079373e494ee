import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useRef, useState } from "react";
import css from "./Easel.module.css";
import type { Layer } from "./Painter";
import { draw, extended, type Mark, type Stroke, sized } from "./painting";
import { pigment } from "./pigment";
import { text } from "./strings";

const said = text.painter;
const STEP = 0.02; // of the picture, for one press of an arrow
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};
type Point = [number, number];
const CENTER: Point = [0.5, 0.5];

interface Props {
  label: string;
  picture: string | null;
  ratio: number;
  layers: Layer[];
  marks: Mark[];
  brush: { layer: string | null; size: number };
  onMark: (mark: Mark, ratio: number) => void;
}

/** Where one paints: by pen, finger or mouse; or by keys: arrows move the brush, Space paints, Shift paints along. */
export function Board({ label, picture, ratio: wished, layers, marks, brush, onMark }: Props) {
  const [seen, setSeen] = useState<number | null>(null); // width by height of the picture that is shown
  const [hidden, setHidden] = useState(false); // a kind of picture that this browser cannot show
  const [at, setAt] = useState<Point | null>(null);
  const live = useRef<Stroke | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const ratio = seen ?? wished;
  const redraw = useRedraw(canvas, ratio, layers, marks, live);

  function place({
    currentTarget,
    clientX,
    clientY,
  }: PointerEvent<HTMLElement> | { currentTarget: HTMLElement; clientX: number; clientY: number }): Point {
    const box = currentTarget.getBoundingClientRect();
    return [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
  }
  function move(event: PointerEvent<HTMLElement>) {
    setAt(place(event));
    if (!live.current) return;
    const { currentTarget } = event;
    const passed = event.nativeEvent.getCoalescedEvents?.() ?? [];
    for (const { clientX, clientY } of passed.length > 0 ? passed : [event])
      live.current = extended(live.current, ...place({ currentTarget, clientX, clientY }));
    redraw();
  }
  function finish(stroke: Stroke | null) {
    live.current = null;
    if (stroke) onMark(stroke, ratio);
  }
  function press(event: KeyboardEvent<HTMLElement>) {
    const here = at ?? CENTER;
    const by = ARROWS[event.key];
    if (event.ctrlKey || event.metaKey || !(by || event.key === " ")) return;
    event.preventDefault();
    const start = extended({ ...brush, points: [] }, ...here);
    if (!by) return finish(start);
    const next: Point = [clamp(here[0] + by[0]), clamp(here[1] + by[1])];
    setAt(next);
    if (event.shiftKey) finish(extended(start, ...next));
  }

  return (
    <section
      className={css.board}
      style={{ aspectRatio: `${ratio}`, width: `min(100%, calc(54dvh * ${ratio}))` }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is painted on by keys
      tabIndex={0}
      aria-label={`${label}. ${said.keys}`}
      onKeyDown={press}
      onFocus={() => setAt((now) => now ?? CENTER)}
      onPointerDown={(event) => {
        if (event.button !== 0 || !event.isPrimary) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        live.current = extended({ ...brush, points: [] }, ...place(event));
        redraw();
      }}
      onPointerMove={move}
      onPointerUp={() => finish(live.current)}
      onPointerCancel={() => finish(live.current)}
      onPointerLeave={() => setAt(null)}
    >
      {picture && (
        <img
          key={picture}
          src={picture}
          alt=""
          draggable={false}
          hidden={hidden}
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
            setHidden(false);
            setSeen(naturalWidth / naturalHeight);
          }}
          onError={() => setHidden(true)}
        />
      )}
      {hidden && <p>{text.drop.noPreview}</p>}
      <canvas ref={canvas} />
      {at && <Ring at={at} size={brush.size} ratio={ratio} />}
    </section>
  );
}

/** Where the brush is, and how wide. */
function Ring({ at: [x, y], size, ratio }: { at: Point; size: number; ratio: number }) {
  const width = size * Math.max(1, 1 / ratio);
  return (
    <span
      className={css.ring}
      style={{ left: `${x * 100}%`, top: `${y * 100}%`, width: `${width * 100}%` }}
      aria-hidden="true"
    />
  );
}

/** Draws the marks whenever they change; the function it gives draws the stroke in the making, too. */
function useRedraw(
  canvas: RefObject<HTMLCanvasElement | null>,
  ratio: number,
  layers: Layer[],
  marks: Mark[],
  live: RefObject<Stroke | null>,
): () => void {
  const frame = useRef(0);
  const paint = () => {
    const pen = canvas.current?.getContext("2d");
    if (!canvas.current || !pen) return;
    const look = getComputedStyle(canvas.current);
    const colors = new Map(layers.map(({ key }, i) => [key, look.getPropertyValue(pigment(i).slice(4, -1)).trim()]));
    const size = sized(ratio);
    [canvas.current.width, canvas.current.height] = size;
    draw(pen, size, live.current ? [...marks, live.current] : marks, (layer) => colors.get(layer ?? "") ?? null);
  };
  const latest = useRef(paint);
  latest.current = paint;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is drawn depends on these
  useEffect(() => latest.current(), [marks, layers, ratio]);
  useEffect(() => () => cancelAnimationFrame(frame.current), []);
  return () => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => latest.current());
  };
}

const clamp = (value: number) => Math.max(0, Math.min(1, value));

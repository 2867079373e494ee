/** Pure: what was painted over a picture, as strokes that can be kept, taken back and drawn again at any size. */
export interface Stroke {
  /** Null takes away what lies under it. */
  layer: string | null;
  /** The brush's width as a fraction of the picture's longer side. */
  size: number;
  /** x, y, x, y … as fractions of the picture's width and height. */
  points: number[];
}
export interface Box {
  layer: string | null;
  /** Left, top, right, bottom as fractions. */
  box: [number, number, number, number];
}
export type Mark = Stroke | Box;

export interface Painting {
  /** Width by height of what was painted over; without it a brush would not be round. */
  ratio: number;
  marks: Mark[];
}
export const BLANK: Painting = { ratio: 1, marks: [] };

const SIDE = 1024; // pixels of the longer side of what is drawn
const APART = 0.003; // points that are nearer say nothing new
const DIGITS = 10_000;

/** Width and height in pixels, with the longer side as given. */
export function sized(ratio: number, side = SIDE): [number, number] {
  const whole = (length: number) => Math.max(1, Math.round(length));
  return ratio >= 1 ? [side, whole(side / ratio)] : [whole(side * ratio), side];
}

const within = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * DIGITS) / DIGITS;

/** The stroke with one point more, unless it lies on the last one. */
export function extended(stroke: Stroke, x: number, y: number): Stroke {
  const [px = -1, py = -1] = stroke.points.slice(-2);
  if (stroke.points.length > 0 && Math.hypot(x - px, y - py) < APART) return stroke;
  return { ...stroke, points: [...stroke.points, within(x), within(y)] };
}

/** Each layer a column, from left to right. */
export const columns = (layers: readonly string[]): Box[] =>
  layers.map((layer, i) => ({ layer, box: [i / layers.length, 0, (i + 1) / layers.length, 1] }));

/** Each layer a row, from the top down. */
export const rows = (layers: readonly string[]): Box[] =>
  layers.map((layer, i) => ({ layer, box: [0, i / layers.length, 1, (i + 1) / layers.length] }));

export const HALVES = {
  left: [0, 0, 0.5, 1],
  right: [0.5, 0, 1, 1],
  top: [0, 0, 1, 0.5],
  bottom: [0, 0.5, 1, 1],
  middle: [0.25, 0.25, 0.75, 0.75],
} as const satisfies Record<string, Box["box"]>;
export type Half = keyof typeof HALVES;

export const half = (layer: string, name: Half): Box => ({ layer, box: [...HALVES[name]] });

export type Pen = Pick<
  CanvasRenderingContext2D,
  | "arc"
  | "beginPath"
  | "fill"
  | "fillRect"
  | "fillStyle"
  | "globalCompositeOperation"
  | "lineCap"
  | "lineJoin"
  | "lineTo"
  | "lineWidth"
  | "moveTo"
  | "stroke"
  | "strokeStyle"
>;

/** All marks in their order. `colorOf`: null wipes. */
export function draw(
  pen: Pen,
  [width, height]: [number, number],
  marks: readonly Mark[],
  colorOf: (layer: string | null) => string | null,
): void {
  for (const mark of marks) {
    const color = colorOf(mark.layer);
    pen.globalCompositeOperation = color === null ? "destination-out" : "source-over";
    pen.fillStyle = color ?? "#000";
    pen.strokeStyle = color ?? "#000";
    if ("box" in mark) fillBox(pen, width, height, mark);
    else sweep(pen, width, height, mark);
  }
  pen.globalCompositeOperation = "source-over";
}

/** To whole pixels, so that neighbors leave no gap. */
function fillBox(pen: Pen, width: number, height: number, { box }: Box): void {
  const [left, top, right, bottom] = [box[0] * width, box[1] * height, box[2] * width, box[3] * height].map(Math.round);
  pen.fillRect(left ?? 0, top ?? 0, (right ?? 0) - (left ?? 0), (bottom ?? 0) - (top ?? 0));
}

function sweep(pen: Pen, width: number, height: number, { size, points }: Stroke): void {
  const [x = 0, y = 0] = points;
  const wide = size * Math.max(width, height);
  pen.beginPath();
  if (points.length <= 2) {
    pen.arc(x * width, y * height, wide / 2, 0, 2 * Math.PI);
    pen.fill();
    return;
  }
  pen.lineCap = "round";
  pen.lineJoin = "round";
  pen.lineWidth = wide;
  pen.moveTo(x * width, y * height);
  for (let i = 2; i < points.length; i += 2) pen.lineTo((points[i] ?? 0) * width, (points[i + 1] ?? 0) * height);
  pen.stroke();
}

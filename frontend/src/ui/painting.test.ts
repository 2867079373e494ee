import { expect, test } from "vitest";
import { columns, draw, extended, half, type Pen, rows, type Stroke, sized } from "./painting";

const STROKE: Stroke = { layer: "a", size: 0.1, points: [] };

/** Writes down what it is told. */
function recording(): { pen: Pen; did: string[] } {
  const did: string[] = [];
  const pen = new Proxy({} as Pen, {
    get: (held, name) =>
      name in held ? Reflect.get(held, name) : (...given: unknown[]) => did.push(`${String(name)} ${given.join(" ")}`),
    set: (held, name, value) => {
      if (name === "globalCompositeOperation" || name === "fillStyle") did.push(String(value));
      return Reflect.set(held, name, value);
    },
  });
  return { pen, did };
}

test("a stroke grows by points that are apart, and stays within the picture", () => {
  const once = extended(STROKE, 0.5, 0.5);
  expect(extended(once, 0.501, 0.5)).toBe(once);
  expect(extended(once, 1.4, -0.2).points).toEqual([0.5, 0.5, 1, 0]);
});

test("columns and rows share the picture out without a gap", () => {
  expect(columns(["a", "b"]).map(({ box }) => box)).toEqual([
    [0, 0, 0.5, 1],
    [0.5, 0, 1, 1],
  ]);
  const { pen, did } = recording();
  draw(pen, [10, 10], rows(["a", "b", "c"]), () => "#fff");
  expect(did.filter((line) => line.startsWith("fillRect"))).toEqual([
    "fillRect 0 0 10 3",
    "fillRect 0 3 10 4",
    "fillRect 0 7 10 3",
  ]);
});

test("marks are drawn in their order, and the eraser wipes", () => {
  const marks = [half("a", "left"), { layer: null, box: half("", "top").box }];
  const { pen, did } = recording();
  draw(pen, [4, 4], marks, (layer) => (layer === null ? null : "#123456"));
  expect(did).toEqual([
    "source-over",
    "#123456",
    "fillRect 0 0 2 4",
    "destination-out",
    "#000",
    "fillRect 0 0 4 2",
    "source-over",
  ]);
});

test("a dab is a disk, a line is swept in the brush's width", () => {
  const { pen, did } = recording();
  draw(pen, [100, 50], [{ ...STROKE, points: [0.5, 0.5] }], () => "#fff");
  expect(did).toContain(`arc 50 25 5 0 ${2 * Math.PI}`);
  draw(pen, [100, 50], [{ ...STROKE, points: [0, 0, 1, 1] }], () => "#fff");
  expect(did.slice(-4, -1)).toEqual(["moveTo 0 0", "lineTo 100 50", "stroke "]);
  expect(pen.lineWidth).toBe(10);
});

test("the longer side is as given", () => {
  expect(sized(2, 100)).toEqual([100, 50]);
  expect(sized(0.5, 100)).toEqual([50, 100]);
  expect(sized(5000, 100)).toEqual([100, 1]);
});

/** Areas of a picture that no work takes anything from: [top, left, bottom, right] in millionths. */

export type Area = [number, number, number, number];
export interface Point {
  x: number;
  y: number;
}

export const WHOLE = 1_000_000;
export const LEAST = 5_000; // of a side: what is smaller was a slip of the hand
export const STEP = 10_000;

/** The rectangle between two points, which are in parts of the picture (0 to 1). */
export function drawn(from: Point, to: Point): Area {
  const [top, bottom] = [from.y, to.y].map(millionths).sort((a, b) => a - b) as [number, number];
  const [left, right] = [from.x, to.x].map(millionths).sort((a, b) => a - b) as [number, number];
  return [top, left, bottom, right];
}

export const large = ([top, left, bottom, right]: Area) => bottom - top >= LEAST && right - left >= LEAST;

/** Moved by millionths, never out of the picture. */
export function moved([top, left, bottom, right]: Area, down: number, across: number): Area {
  const y = Math.min(Math.max(down, -top), WHOLE - bottom);
  const x = Math.min(Math.max(across, -left), WHOLE - right);
  return [top + y, left + x, bottom + y, right + x];
}

/** Its lower right corner moved by millionths, never out of the picture nor past the other corner. */
export function stretched([top, left, bottom, right]: Area, down: number, across: number): Area {
  const within = (value: number, least: number) => Math.min(Math.max(value, least + LEAST), WHOLE);
  return [top, left, within(bottom + down, top), within(right + across, left)];
}

/** What an arrow key does to an area; null for other keys. */
export function byKey(area: Area, key: string, shift: boolean): Area | null {
  const steps: Record<string, [number, number]> = {
    ArrowUp: [-STEP, 0],
    ArrowDown: [STEP, 0],
    ArrowLeft: [0, -STEP],
    ArrowRight: [0, STEP],
  };
  const step = steps[key];
  if (!step) return null;
  return shift ? stretched(area, ...step) : moved(area, ...step);
}

export const same = (a: readonly number[], b: readonly number[]) => a.join() === b.join();

export function sameAll(a: readonly number[][], b: readonly number[][]): boolean {
  return a.length === b.length && a.every((area) => b.some((other) => same(area, other)));
}

/** Where an area is drawn over its picture. */
export function placed([top, left, bottom, right]: Area) {
  const percent = (value: number) => `${value / 10_000}%`;
  return { top: percent(top), left: percent(left), height: percent(bottom - top), width: percent(right - left) };
}

const millionths = (part: number) => Math.round(Math.min(Math.max(part, 0), 1) * WHOLE);

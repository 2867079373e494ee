/** Pure: where in a file a work was found. */
import type { Verdict } from "./verdict";

type Evidence = Verdict["evidence"][number];

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Span {
  begin: number;
  end: number;
}

export type Part =
  | { kind: "picture"; here: Box; there: Box; ofFile: string; ofWork: string; wholeWork: boolean }
  | { kind: "sound"; here: Span; there: Span };

const NEARLY_ALL = 0.9;

/** Null where nothing is known of it, or where the whole file is nearly the whole work. */
export function partOf({ here, there }: Evidence): Part | null {
  const boxes = [boxOf(here), boxOf(there)];
  if (boxes[0] && boxes[1]) {
    const [file, work] = [area(boxes[0]), area(boxes[1])];
    if (file > NEARLY_ALL && work > NEARLY_ALL) return null;
    const words = { ofFile: percent(file), ofWork: percent(work), wholeWork: work > NEARLY_ALL };
    return { kind: "picture", here: boxes[0], there: boxes[1], ...words };
  }
  const spans = [spanOf(here), spanOf(there)];
  return spans[0] && spans[1] ? { kind: "sound", here: spans[0], there: spans[1] } : null;
}

/** Minutes and seconds. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function boxOf(place: Evidence["here"]): Box | null {
  if (!place) return null;
  const { left, top, right, bottom } = place;
  if (left == null || top == null || right == null || bottom == null) return null;
  return { left, top, right, bottom };
}

function spanOf(place: Evidence["here"]): Span | null {
  if (place?.begin == null || place.end == null) return null;
  return { begin: place.begin, end: place.end };
}

const area = ({ left, top, right, bottom }: Box): number => (right - left) * (bottom - top);
const percent = (part: number): string => `${Math.round(100 * part)} %`;

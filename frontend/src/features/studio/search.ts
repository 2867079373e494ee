/** Pure: what the studio is opened with, as it stands in the address. */
export interface StudioSearch {
  /** Ids of styles, with dots between. */
  style?: string;
  /** The work that is looked at. */
  take?: string;
  /** Previews of one setting with several seeds, with dots between. */
  takes?: string;
  /** A work whose settings are taken over. */
  from?: string;
  /** A work that is repainted in a part. */
  rework?: string;
}

const MOST_STYLES = 8;
const MOST_TAKES = 4;
const WORK = /^wrk_[0-9a-z]{26}$/;
const STYLE = /^sty_[0-9a-z]{26}$/;

export function readStudio(raw: Record<string, unknown>): StudioSearch {
  const found: StudioSearch = {};
  const styles = stylesIn(String(raw.style ?? ""));
  const takes = takesIn(String(raw.takes ?? ""));
  if (styles.length > 0) found.style = styles.join(".");
  if (takes.length > 0) found.takes = takes.join(".");
  if (WORK.test(String(raw.take))) found.take = String(raw.take);
  if (WORK.test(String(raw.from))) found.from = String(raw.from);
  if (WORK.test(String(raw.rework))) found.rework = String(raw.rework);
  return found;
}

export const stylesIn = (style: string | undefined): string[] => listed(style, STYLE, MOST_STYLES);

export const takesIn = (takes: string | undefined): string[] => listed(takes, WORK, MOST_TAKES);

function listed(dotted: string | undefined, kind: RegExp, most: number): string[] {
  return [...new Set((dotted ?? "").split(".").filter((id) => kind.test(id)))].slice(0, most);
}

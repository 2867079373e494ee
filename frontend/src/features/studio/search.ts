/** Pure: what the studio is opened with, as it stands in the address. */
export interface StudioSearch {
  /** Ids of styles, with dots between. */
  style?: string;
  /** The work that is looked at. */
  take?: string;
  /** A work whose settings are taken over. */
  from?: string;
}

const MOST_STYLES = 8;
const WORK = /^wrk_[0-9a-z]{26}$/;
const STYLE = /^sty_[0-9a-z]{26}$/;

export function readStudio(raw: Record<string, unknown>): StudioSearch {
  const found: StudioSearch = {};
  const styles = stylesIn(String(raw.style ?? ""));
  if (styles.length > 0) found.style = styles.join(".");
  if (WORK.test(String(raw.take))) found.take = String(raw.take);
  if (WORK.test(String(raw.from))) found.from = String(raw.from);
  return found;
}

export function stylesIn(style: string | undefined): string[] {
  return [...new Set((style ?? "").split(".").filter((id) => STYLE.test(id)))].slice(0, MOST_STYLES);
}

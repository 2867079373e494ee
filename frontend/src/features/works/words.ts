/** Pure: works in words. */
import type { Work } from "./types";

/** `Northern Oils and Cut Blocks` */
export function stylesOf({ styles }: Pick<Work, "styles">): string {
  return inList(styles.map(({ name }) => name));
}

export function artistsOf({ styles }: Pick<Work, "styles">): string {
  return inList([...new Set(styles.map(({ creator }) => creator.name))]);
}

export function inList(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? "";
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

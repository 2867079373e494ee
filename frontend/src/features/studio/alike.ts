import type { Values } from "./schema";
import type { Work } from "./types";

/** Pure: whether the work was made with the settings and styles that are chosen now. */
export function alike({ params, styles }: Work, now: { params: Values; styles: readonly string[] }): boolean {
  const settings = (values: Values) => JSON.stringify(Object.entries(values).sort());
  return settings(params) === settings(now.params) && styles.map(({ style }) => style).join() === now.styles.join();
}

/** Pure: which side of a work is looked at, as it stands in the address. */
export type View = "picture" | "sources" | "compare";

export function readView(raw: Record<string, unknown>): { view?: Exclude<View, "picture"> } {
  return raw.view === "sources" || raw.view === "compare" ? { view: raw.view } : {};
}

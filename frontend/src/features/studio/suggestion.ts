/** Pure: how the settings that a creator suggests for a style, and those that a fan has made, come together. */
import type { Values } from "./schema";

export interface Suggestion {
  /** The style it is for. */
  style: string;
  /** Who suggests it. */
  creator: string;
  /** What the engine calls it; null for settings of the creator's own. */
  title: string | null;
  params: Values;
}

export interface Tuning {
  params: Values;
  /** The style at whose settings `params` were made; null for none in particular. */
  tuned: string | null;
  /** The style whose suggestion was not wanted. */
  declined: string | null;
}

/** The settings that hold. A suggestion for a style just chosen goes before what was set for another one. */
export function settingsOf({ params, tuned, declined }: Tuning, suggestion: Suggestion | null): Values {
  if (!suggestion || declined === suggestion.style) return params;
  return tuned === suggestion.style ? { ...suggestion.params, ...params } : suggestion.params;
}

/** Settings made by hand, all of them. */
export const tunedTo = (params: Values, suggestion: Suggestion | null): Pick<Tuning, "params" | "tuned"> => ({
  params,
  tuned: suggestion?.style ?? null,
});

/** Settings that hold as they are, whatever is suggested for their style: an earlier work's, say. */
export const exactly = (params: Values, style: string | undefined): Tuning => ({
  params,
  tuned: style ?? null,
  declined: style ?? null,
});

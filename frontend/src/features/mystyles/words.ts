/** Pure: where a style stands, in a word, and what it lacks. */
import { done, type OwnStyle, type Step } from "./own";

/** The state, but for a listed style without terms, which nobody can license. */
export const wordOf = (style: OwnStyle): string =>
  style.state === "listed" && style.offer === null ? "unoffered" : style.state;

export type Lack = Exclude<Step, "publish">;
const NEEDED = ["name", "works", "consent", "terms"] as const;

export function lacking(style: OwnStyle, chosen: boolean): Lack[] {
  const state = done(style, chosen);
  return NEEDED.filter((step) => !state[step]);
}

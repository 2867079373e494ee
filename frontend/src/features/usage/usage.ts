/** Pure: what a usage report says of itself, and what kind of file one is. */
import type { paths } from "../../api/schema.gen";

type Answer<Path extends "/v1/usage" | "/v1/usage/held" | "/v1/usage/matches"> =
  paths[Path]["get"]["responses"][200]["content"]["application/json"]["items"][number];
export type Report = Answer<"/v1/usage">;
export type Held = Answer<"/v1/usage/held">;
export type Match = Answer<"/v1/usage/matches">;
export type Count = "taken" | "held" | "faulty" | "duplicates" | "flagged";

export const ENDINGS = ".csv,.ndjson,.jsonl";
const LOOK_AGAIN = 2000; // milliseconds

/** The media type that a file is sent as, by its name; null where it is neither. */
export function typeOf(name: string): "text/csv" | "application/x-ndjson" | null {
  if (/\.csv$/i.test(name)) return "text/csv";
  return /\.(ndjson|jsonl)$/i.test(name) ? "application/x-ndjson" : null;
}

/** While lines are being taken, the list asks again by itself. */
export const lookAgain = (reports: Report[]): number | false =>
  reports.some(({ state }) => state === "taking") && LOOK_AGAIN;

/** What there is to say of a report's lines: lines taken always, the rest where there are any. */
export const countsOf = (report: Report): Count[] =>
  (["taken", "held", "faulty", "duplicates", "flagged"] as const).filter((one) => one === "taken" || report[one] > 0);

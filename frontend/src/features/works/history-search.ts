/** Pure: which of one's works are asked for, as it stands in the address. */
import type { Kind, State } from "./types";

export interface HistorySearch {
  kind?: Kind;
  state?: "going" | "done" | "failed" | "cancelled";
}

const STATES = ["going", "done", "failed", "cancelled"] as const;

export function readHistory(raw: Record<string, unknown>): HistorySearch {
  const found: HistorySearch = {};
  if (raw.kind === "work" || raw.kind === "preview") found.kind = raw.kind;
  const state = STATES.find((one) => one === raw.state);
  if (state) found.state = state;
  return found;
}

export function historyQuery({ kind, state }: HistorySearch): { kind?: Kind; state?: State[] } {
  return {
    ...(kind && { kind }),
    ...(state && { state: state === "going" ? ["queued", "running"] : [state] }),
  };
}

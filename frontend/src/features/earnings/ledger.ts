/** Pure: periods, kinds and days of a statement. */
import type { Schemas } from "../../api/client";

export type Statement = Schemas["StatementOut"];
export type Line = Schemas["StatementLine"];

export const PERIODS = ["week", "month", "year", "all", "own"] as const;
export type Period = (typeof PERIODS)[number];

/** What the address holds: so that a statement can be linked to. */
export interface EarningsSearch {
  owner?: string;
  period?: Period;
  since?: string;
  until?: string;
  /** Where someone was when credit ran out. */
  next?: string;
}

const DAY = 86_400_000; // milliseconds
const isDay = (text: unknown): text is string => typeof text === "string" && /^\d{4}-\d{2}-\d{2}$/.test(text);

export function readSearch({ owner, period, since, until, next }: Record<string, unknown>): EarningsSearch {
  return {
    ...(typeof owner === "string" && /^(per|cre)_[0-9a-z]+$/.test(owner) && { owner }),
    ...(PERIODS.includes(period as Period) && { period: period as Period }),
    ...(isDay(since) && { since }),
    ...(isDay(until) && { until }),
    ...(typeof next === "string" && /^\/(?![/\\])/.test(next) && { next }),
  };
}

export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
export const dayAfter = (day: string): string => dayOf(Date.parse(day) + DAY);

/** The days to ask for: from `since` on, before `until`; left out: from the beginning, or to this moment. */
export function days(
  { period = "month", since, until }: EarningsSearch,
  now: number,
): { since?: string; until?: string } {
  const today = dayOf(now);
  if (period === "week") return { since: dayOf(now - 6 * DAY) };
  if (period === "month") return { since: dayOf(now - 29 * DAY) };
  if (period === "year") return { since: `${today.slice(0, 4)}-01-01` };
  if (period === "all") return {};
  return { ...(since && { since }), ...(until && { until: dayAfter(until) }) };
}

export const backwards = ({ period, since, until }: EarningsSearch): boolean =>
  period === "own" && since !== undefined && until !== undefined && until < since;

/** `fee-reversal` is of the kind `fee`. */
export const baseOf = (kind: string): string => kind.replace(/-reversal$/, "");

export interface Day {
  day: string;
  /** Units by kind of revenue, reversals deducted. */
  sums: Record<string, number>;
}

const MOST_DAYS = 92;

/** Every day from the first to the last with anything on it, the empty ones too; the latest of them if they are many. */
export function byDay(lines: readonly Line[], kinds: readonly string[]): Day[] {
  const found = new Map<string, Record<string, number>>();
  for (const { at, kind, amount } of lines) {
    const base = baseOf(kind);
    if (!kinds.includes(base)) continue;
    const day = at.slice(0, 10);
    const sums = found.get(day) ?? {};
    sums[base] = (sums[base] ?? 0) + amount;
    found.set(day, sums);
  }
  const named = [...found.keys()].sort();
  const [first, last] = [named[0], named.at(-1)];
  if (!first || !last) return [];
  const all: Day[] = [];
  for (let day = first; day <= last; day = dayAfter(day)) all.push({ day, sums: found.get(day) ?? {} });
  return all.slice(-MOST_DAYS);
}

/** The part of an account's name before its owner: `creator:cre_…` -> `creator`. */
export const accountKind = (account: string): string => account.split(":")[0] ?? account;

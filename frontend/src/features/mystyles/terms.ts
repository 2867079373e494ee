/** Pure: terms while they are being made: what the fields hold, what is wrong with it, and the document it becomes. */
import { type Amount, format, parse } from "../../api/money";
import type { TermsShown } from "../../ui/TermsCard";
import type { AiTraining, Medium, NewOffer, TermsPreset, Use } from "./own";
import { text } from "./strings";

export const USES: readonly Use[] = ["publish", "stream", "sell", "print", "advertise", "sample", "train"];
const WHOLE = 1_000_000;
const PERCENT = 10_000; // millionths
const MOST_LETTERS = 200;
const MOST_WORKS = 1_000_000_000;

/** As typed. `preset` is where it came from; null: nothing was chosen yet. */
export interface TermsDraft {
  preset: string | null;
  uses: Use[];
  reported: Use[];
  everywhere: boolean;
  countries: string[];
  endsOn: string;
  cap: string;
  price: string;
  creators: number;
  fan: number;
  copy: number;
  credit: string;
}

export const NO_TERMS: TermsDraft = {
  preset: null,
  uses: [],
  reported: [],
  everywhere: true,
  countries: [],
  endsOn: "",
  cap: "",
  price: "",
  creators: 50,
  fan: 50,
  copy: 5,
  credit: "",
};

/** What `useDraft` gives for them. */
export type HeldTerms = readonly [TermsDraft, (part: Partial<TermsDraft>) => void, () => void];

type Document = Omit<TermsPreset["terms"], "version">;

/** A preset, or terms that hold already, as something to change. */
export function draftOf(terms: Document, preset: string): TermsDraft {
  return {
    preset,
    uses: [...terms.uses],
    reported: [...terms.report_uses],
    everywhere: typeof terms.territory === "string",
    countries: typeof terms.territory === "string" ? [] : [...terms.territory],
    endsOn: terms.ends_on,
    cap: terms.cap === null ? "" : String(terms.cap),
    price: format(terms.price).replace(/[$,]/g, ""),
    creators: terms.royalty_ppm / PERCENT,
    fan: terms.fan_ppm / PERCENT,
    copy: terms.max_copy_ppm / PERCENT,
    credit: terms.attribution,
  };
}

export type TermsField = "uses" | "price" | "territory" | "endsOn" | "cap" | "split" | "copy" | "credit";
export type TermsFaults = Partial<Record<TermsField, string>>;

interface Limits {
  today: string;
  /** The first day on which the consent no longer holds; null while there is none. */
  until: string | null;
  training: AiTraining;
  medium: Medium;
}

/** What would be refused, at the field it is about. */
export function faultsOf(draft: TermsDraft, limits: Limits): TermsFaults {
  const said = text.terms.faults;
  const found: [TermsField, string | null][] = [
    ["uses", wrongUse(draft, limits.training)],
    ["price", parse(draft.price) === null ? said.price : null],
    ["territory", !draft.everywhere && draft.countries.length === 0 ? said.territory : null],
    ["endsOn", endFault(draft.endsOn, limits)],
    ["cap", draft.cap.trim() !== "" && !capOf(draft.cap) ? said.cap : null],
    ["split", draft.creators + draft.fan > 100 ? said.split : null],
    ["copy", draft.copy >= 0 && draft.copy <= 100 ? null : said.copy],
    ["credit", draft.credit.trim().length > MOST_LETTERS ? said.credit : null],
  ];
  return Object.fromEntries(found.filter(([, fault]) => fault !== null));
}

function wrongUse({ uses }: TermsDraft, training: AiTraining): string | null {
  if (uses.length === 0) return text.terms.faults.uses;
  return uses.includes("train") && training === "notAllowed" ? text.terms.faults.training : null;
}

function endFault(day: string, { today, until }: Limits): string | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || day <= today) return text.terms.faults.endsOn;
  return until !== null && day > until ? text.terms.faults.beyond(until) : null;
}

/** The document to publish. Only for a draft without faults. */
export function offerOf(draft: TermsDraft, { today, medium }: Pick<Limits, "today" | "medium">): NewOffer {
  const price = parse(draft.price) ?? { amount: 0, asset: "USD/6" };
  return {
    version: 1,
    uses: draft.uses,
    report_uses: draft.reported.filter((use) => draft.uses.includes(use)),
    medium,
    territory: draft.everywhere ? "world" : draft.countries,
    starts_on: today,
    ends_on: draft.endsOn,
    cap: capOf(draft.cap),
    price: { amount: price.amount, asset: "USD/6" },
    royalty_ppm: Math.round(draft.creators * PERCENT),
    fan_ppm: Math.round(draft.fan * PERCENT),
    max_copy_ppm: Math.round(draft.copy * PERCENT),
    attribution: draft.credit.trim(),
  };
}

/** Whether nothing was changed: the day they begin does not count, for each version begins on its own. */
export const unchanged = (draft: TermsDraft, terms: Document): boolean => told(draft) === told(draftOf(terms, ""));

function told(draft: TermsDraft): string {
  const { uses, report_uses, territory, ...rest } = offerOf(draft, { today: "", medium: "picture" });
  const where = typeof territory === "string" ? territory : [...territory].sort();
  return JSON.stringify([[...uses].sort(), [...report_uses].sort(), where, rest]);
}

function capOf(typed: string): number | null {
  const plain = typed.trim().replaceAll(",", "");
  const works = /^\d+$/.test(plain) ? Number(plain) : 0;
  return works >= 1 && works <= MOST_WORKS ? works : null;
}

/** The terms as a card shows them, as far as they make sense yet. */
export function shownOf(draft: TermsDraft): TermsShown {
  const { price, uses, report_uses, territory, ends_on, royalty_ppm, fan_ppm, cap, attribution } = offerOf(draft, {
    today: "",
    medium: "picture", // which a card does not show
  });
  return { price, uses, report_uses, territory, ends_on, royalty_ppm, fan_ppm, cap, attribution };
}

/** Moves the creators' or the fan's part; the other gives way, so that together they are never more than all. */
export function shared(draft: TermsDraft, part: "creators" | "fan", percent: number): Partial<TermsDraft> {
  const other = part === "creators" ? draft.fan : draft.creators;
  const rest = Math.min(other, 100 - percent);
  return part === "creators" ? { creators: percent, fan: rest } : { fan: percent, creators: rest };
}

/** The creators', the fan's and the platform's part of what a finished work earns, to the last unit. */
export function divided(sum: Amount, creatorsPpm: number, fanPpm: number): [Amount, Amount, Amount] {
  const part = (ppm: number) => Number((BigInt(sum.amount) * BigInt(ppm)) / BigInt(WHOLE));
  const [creators, fan] = [part(creatorsPpm), part(fanPpm)];
  return [creators, fan, sum.amount - creators - fan].map((amount) => ({ amount, asset: sum.asset })) as [
    Amount,
    Amount,
    Amount,
  ];
}

/** Today and days after it, in UTC, as the house counts them. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
export function yearsLater(day: string, years: number): string {
  const [year = "", month = "", date = ""] = day.split("-");
  const leap = month === "02" && date === "29";
  return `${String(Number(year) + years).padStart(4, "0")}-${month}-${leap ? "28" : date}`;
}

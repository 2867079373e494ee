/** Pure: the declaration as its creator will sign it, and what is still missing in it. */
import type { AiTraining, OwnStyle, Use } from "./own";
import { text } from "./strings";
import { yearsLater } from "./terms";

export const FEWEST_WORDS = 5;
const MOST_LETTERS = 2000;
const NAME_LETTERS = 200;
const MOST_YEARS = 10;

export interface ConsentDraft {
  legalName: string;
  author: boolean;
  rights: boolean;
  adult: boolean;
  uses: string;
  /** The preset that `uses` was filled from. */
  preset: string | null;
  expiresOn: string;
  training: AiTraining;
}

export type ConsentField = "legalName" | "author" | "rights" | "adult" | "uses" | "expiresOn";

const TRAINING: Record<AiTraining, string> = {
  notAllowed: "not allowed",
  constrained: "only as an offer of mine says",
  allowed: "allowed",
};

/** Word for word what the house keeps, but for the moment of signing. */
export function statementOf(draft: ConsentDraft, { creator, medium }: OwnStyle, moment: string): string {
  const am = (true_: boolean) => (true_ ? "am" : "am not");
  return (
    `I, ${draft.legalName.trim() || "…"} (${creator.id}), declare on ${moment}:` +
    ` I ${am(draft.author)} the author of the works I register for this style (${medium});` +
    ` I ${draft.rights ? "hold" : "do not hold"} the rights in them that this needs;` +
    ` I ${am(draft.adult)} of age.` +
    ` I allow these uses of my style, under the terms of the offers I publish: ${draft.uses.trim()}` +
    ` This holds until ${draft.expiresOn}, unless I withdraw it earlier, which I may at any time.` +
    ` Training of AI models on my works: ${TRAINING[draft.training]}.`
  );
}

export function consentFaults(draft: ConsentDraft, today: string): Partial<Record<ConsentField, string>> {
  const said = text.consent.faults;
  const faults: Partial<Record<ConsentField, string>> = {};
  const name = draft.legalName.trim();
  if (!name || name.length > NAME_LETTERS) faults.legalName = said.legalName;
  if (!draft.author) faults.author = said.tick;
  if (!draft.rights) faults.rights = said.tick;
  if (!draft.adult) faults.adult = said.adult;
  const words = new Set(draft.uses.toLowerCase().split(/\s+/).filter(Boolean));
  if (words.size < FEWEST_WORDS) faults.uses = said.uses;
  if (draft.uses.trim().length > MOST_LETTERS) faults.uses = said.tooLong;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(draft.expiresOn) || draft.expiresOn <= today) faults.expiresOn = said.expiresOn;
  else if (draft.expiresOn > yearsLater(today, MOST_YEARS)) faults.expiresOn = said.tenYears;
  return faults;
}

interface Allowed {
  uses: readonly Use[];
  report_uses: readonly Use[];
  cap: number | null;
  medium: string;
}

/** The uses that terms allow, as their creator would say it. */
export function inOwnWords({ uses, report_uses, cap, medium }: Allowed): string {
  const said = text.consent.words;
  const things = said.things[medium === "sound" ? "sound" : "picture"];
  const order = Object.keys(said.verbs) as Use[];
  const list = (some: readonly Use[]) =>
    joined(order.filter((use) => some.includes(use)).map((use) => said.verbs[use]));
  const what = cap === 1 ? said.one(things.one) : said.some(things.some);
  const reported = report_uses.length > 0 ? ` ${said.reported(list(report_uses))}` : "";
  return `${what} ${list(uses)} ${cap === 1 ? said.it : said.them}.${reported}`;
}

function joined(words: string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}

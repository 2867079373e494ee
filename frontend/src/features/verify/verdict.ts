/** Pure: a verdict in plain words. */
import type { Schemas } from "../../api/client";
import { countryName } from "../../ui/countries";
import { dayInWords } from "../../ui/When";
import { text } from "./strings";

export type Verdict = Schemas["VerdictOut"];
export type Tone = "yes" | "mind" | "no" | "none";

export interface Said {
  tone: Tone;
  title: string;
  words: string;
}

/** The answer to what was asked: about a use if there was one, else about the license. */
export function say(verdict: Verdict): Said {
  const said = text.verdict;
  if (verdict.identification === "none") {
    const title = verdict.asked.by === "work" ? said.unknownNumber : said.unknown;
    return { tone: "none", title, words: said.unknownWords };
  }
  if (verdict.identification === "contested") return { tone: "no", title: said.contested, words: said.contestedWords };
  if (verdict.identification === "derived") return { tone: "none", title: said.derived, words: said.derivedWords };
  if (verdict.identification === "hint") return { tone: "none", title: said.hint, words: said.hintWords };
  if (isOriginal(verdict)) return { tone: "no", title: said.original, words: said.originalWords };
  return aboutUse(verdict) ?? aboutStanding(verdict);
}

/** A creator's own, registered as it is: it was made for nobody, and has no page. */
export const isOwn = ({ work, licensee }: Verdict): boolean => work === null || licensee === null;

const isOriginal = (verdict: Verdict): boolean =>
  verdict.work === null ||
  (isOwn(verdict) && verdict.standing === "unlicensed" && verdict.identification !== "several");

/** Whether it is told whose the file is, and not only what it resembles. */
export const isCopy = ({ identification }: Verdict): boolean =>
  identification !== "derived" && identification !== "hint";

/** What the answer is good for: how many layers name its work. */
export function worth({ work, payable, evidence }: Verdict): string {
  const layers = new Set(evidence.filter((one) => one.work === work).map(({ layer }) => layer));
  if (!payable) return text.notPayable;
  return layers.size > 1 ? text.payable : text.payableAlone;
}

function aboutUse({ permission, asked }: Verdict): Said | null {
  if (permission === null || asked.use === null) return null;
  const use = text.uses[asked.use] ?? asked.use;
  const where = place(asked.territory);
  const when = asked.date ? dayInWords(asked.date) : text.today;
  const said = text.verdict;
  if (permission === "permit") return { tone: "yes", title: said.permit(use), words: said.permitWords(where, when) };
  if (permission === "needs-report")
    return { tone: "mind", title: said.report(use), words: said.reportWords(where, when) };
  return { tone: "no", title: said.deny(use), words: said.denyWords(where, when) };
}

function aboutStanding({ standing, identification }: Verdict): Said {
  const said = text.verdict;
  if (standing === "licensed") return { tone: "yes", title: said.licensed, words: said.licensedWords };
  if (standing === "withdrawn") return { tone: "no", title: said.withdrawn, words: said.withdrawnWords };
  if (identification === "several") return { tone: "no", title: said.notAll, words: said.notAllWords };
  return { tone: "no", title: said.unlicensed, words: said.unlicensedWords };
}

export const place = (territory: string | null): string =>
  territory === null || territory === "world" ? text.world : countryName(territory);

/** How sure, as a percentage that never says more than is known. */
export const sureness = (confidence: number): string => `${Math.floor(confidence * 100)} %`;

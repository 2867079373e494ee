/** Pure: what is asked about a file, as a form for the API and as a command line. */
import { KINDS, type Kind, NOBODY, type Question, SHAPES } from "./search";

export type Subject = { kind: Kind; value: string };

const PAGE = /\/works\/wrk_[0-9a-z]{26}\/?([?#].*)?$/;
const ISCC = /^(iscc:)?([A-Z2-7]{13,70})$/i;

/** What somebody typed or pasted, told by its looks; what looks like nothing is taken for a work's number. */
export function recognize(typed: string): Subject | null {
  const said = typed.trim();
  if (said === "") return null;
  if (SHAPES.sha256.test(said)) return { kind: "sha256", value: said.toLowerCase() };
  if (SHAPES.mark.test(said)) return { kind: "mark", value: said.toLowerCase() };
  if (PAGE.test(said)) return { kind: "work", value: said };
  if (SHAPES.url.test(said)) return { kind: "url", value: said };
  const code = ISCC.exec(said);
  if (code?.[2]) return { kind: "iscc", value: `ISCC:${code[2].toUpperCase()}` };
  return { kind: "work", value: said };
}

/** The same use in mind, about this instead. */
export const asking = (question: Question, subject: Subject | null): Question => ({
  ...question,
  ...NOBODY,
  ...(subject && { [subject.kind]: subject.value }),
});

export function subjectOf(question: Question): Subject | null {
  const kind = KINDS.find((one) => question[one]);
  return kind ? { kind, value: question[kind] ?? "" } : null;
}

/** Without a use, place and day mean nothing and are not sent. */
export function formOf(question: Question, file: File | null): FormData {
  const form = new FormData();
  const subject = subjectOf(question);
  if (file) form.set("file", file);
  else if (subject) form.set(subject.kind, subject.value);
  for (const [name, value] of details(question)) form.set(name, value);
  return form;
}

function details({ use, territory, date }: Question): [string, string][] {
  if (!use) return [];
  const given: [string, string | undefined][] = [
    ["use", use],
    ["territory", territory],
    ["date", date],
  ];
  return given.flatMap(([name, value]) => (value ? [[name, value] as [string, string]] : []));
}

/** One line that asks the same from a shell. */
export function curlLine(origin: string, question: Question, file: string | null): string {
  const subject = subjectOf(question);
  const field = subject && !file ? `${subject.kind}=${subject.value}` : `file=@${file ?? "picture.png"}`;
  const rest = details(question).map(([name, value]) => ` -F ${name}=${value}`);
  return `curl -F ${quoted(field)}${rest.join("")} ${origin}/v1/verifications`;
}

/** The same about a sample, with a sandbox key: two lines, of which the first fetches its file. */
export function sampleLines(origin: string, sample: string): string {
  const file = `${sample}.png`;
  return [
    `curl -O ${origin}/v1/sandbox/samples/${file}`,
    `curl -H 'Authorization: Bearer hmg_test_…' -F file=@${file} -F use=publish ${origin}/v1/verifications`,
  ].join("\n");
}

export const quoted = (word: string): string =>
  /^[\w@=.:/-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

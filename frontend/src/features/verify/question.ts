/** Pure: what is asked about a file, as the page's address, as a form for the API, and as a command line. */
export const USES = ["publish", "stream", "sell", "print", "advertise", "sample", "train"] as const;

export interface Question {
  work?: string | undefined;
  use?: string | undefined;
  territory?: string | undefined;
  date?: string | undefined;
}

/** What of an address is a question; the rest is left out. */
export function readQuestion(search: Record<string, unknown>): Question {
  const word = (name: string, shape: RegExp) => {
    const value = search[name];
    return typeof value === "string" && shape.test(value) ? value : undefined;
  };
  return {
    work: word("work", /^.{1,500}$/),
    use: word("use", new RegExp(`^(${USES.join("|")})$`)),
    territory: word("territory", /^[A-Z]{2}$/),
    date: word("date", /^\d{4}-\d{2}-\d{2}$/),
  };
}

/** Without a use, place and day mean nothing and are not sent. */
export function formOf(question: Question, file: File | null): FormData {
  const form = new FormData();
  if (file) form.set("file", file);
  else if (question.work) form.set("work", question.work);
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
  const subject = question.work && !file ? quoted(`work=${question.work}`) : quoted(`file=@${file ?? "picture.png"}`);
  const rest = details(question).map(([name, value]) => ` -F ${name}=${value}`);
  return `curl -F ${subject}${rest.join("")} ${origin}/v1/verifications`;
}

const quoted = (word: string): string => (/^[\w@=.:/-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

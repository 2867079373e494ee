/** Pure: what of the page's address is a question. Apart from the rest, since every first visit loads it. */
export const USES = ["publish", "stream", "sell", "print", "advertise", "sample", "train"] as const;
export const KINDS = ["work", "sha256", "iscc", "mark", "url"] as const;

export type Kind = (typeof KINDS)[number];

/** About one file, work, hash, code or address: of the kinds, one is there at most. */
export interface Question extends Partial<Record<Kind, string | undefined>> {
  use?: string | undefined;
  territory?: string | undefined;
  date?: string | undefined;
}

export const SHAPES: Record<Kind, RegExp> = {
  work: /^.{1,500}$/,
  sha256: /^[0-9a-f]{64}$/i,
  iscc: /^ISCC:[A-Z2-7]{10,70}$/i,
  mark: /^[0-9a-f]{16}$/i,
  url: /^https?:\/\/\S{1,1990}$/i,
};

export const NOBODY = { work: undefined, sha256: undefined, iscc: undefined, mark: undefined, url: undefined };

/** What of an address is a question. What is no answer is said to be undefined, else the router keeps it as it came. */
export function readQuestion(search: Record<string, unknown>): Question {
  const word = (name: string, shape: RegExp) => {
    const value = search[name];
    return typeof value === "string" && shape.test(value) ? value : undefined;
  };
  const kind = KINDS.find((one) => word(one, SHAPES[one]));
  return {
    ...NOBODY,
    ...(kind && { [kind]: word(kind, SHAPES[kind]) }),
    use: word("use", new RegExp(`^(${USES.join("|")})$`)),
    territory: word("territory", /^[A-Z]{2}$/),
    date: word("date", /^\d{4}-\d{2}-\d{2}$/),
  };
}

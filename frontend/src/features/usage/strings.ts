export const text = {
  title: "Usage reports",
  lead: "What works were used for and earned, reported in bulk: a line for each use. What a line earned is divided by the work's license.",
  why: "Reports belong to the account that sends them.",
  older: "Older ones",
  send: {
    title: "Send a report",
    words:
      "CSV or NDJSON in UTF-8, up to 1,000,000 lines. Each line counts once, by the name that it has in your own books, so the same file may be sent again.",
    choose: "Choose a file",
    other: "Choose another",
    example: "The columns, with an example",
    exampleLabel: "An example of a CSV file",
    wrong: "This is neither CSV (.csv) nor NDJSON (.ndjson, .jsonl).",
    submit: "Report it",
    progress: "Sent so far",
    sent: "It has arrived; below is what became of its lines.",
    rehearsal: "Payments are rehearsed here: what is reported is divided, and no money moves.",
  },
  reports: {
    title: "My reports",
    none: "You have sent no report yet.",
    lines: (count: number) => (count === 1 ? "One line" : `${count.toLocaleString("en-US")} lines`),
    taking: "being taken",
    counts: {
      taken: "taken",
      held: "held",
      faulty: "faulty",
      duplicates: "sent before",
      flagged: "not covered by the terms",
    },
    earned: "Earned",
    waiting: "waits for held lines",
    faults: "Download faulty lines",
    held: "Download held lines",
    flagged: "Download lines that the terms do not cover",
    look: "What is wrong with them",
    line: "Line",
    fault: "What is wrong",
    first: "The first twenty; the file has them all.",
  },
  held: {
    title: "Lines that name no work known here",
    words:
      "Of all reporters, without amounts. If one is a work of yours, say so: its reporter confirms, and what it earned is divided.",
    none: "Nothing is held.",
    by: (name: string) => `reported by ${name}`,
    lines: (lines: number, quantity: number) =>
      `${lines === 1 ? "one line" : `${lines.toLocaleString("en-US")} lines`}, ${quantity === 1 ? "one use" : `${quantity.toLocaleString("en-US")} uses`}`,
    days: "used",
    to: "to",
    claim: "It is a known work",
    work: "Number of the work",
    workHint: "wrk_…",
    do: "Say so",
    cancel: "Cancel",
  },
  matches: {
    title: "What was said of them",
    says: "is",
    states: { open: "Open", confirmed: "Confirmed", refused: "Refused" },
    confirm: "Confirm",
    refuse: "Refuse",
    words: "A confirmed match takes the held lines and those to come. It cannot be taken back.",
  },
} as const;

/** A file that the house reads, as an example. */
export const EXAMPLE = `id,work,sha256,use,territory,date,quantity,amount,asset
p-0001,wrk_…,,stream,DE,2026-05-01,1200,4.20,USD
p-0002,,9f86d0…,publish,AT,2026-05,1,0.25,USD`;

export const text = {
  title: "Outbox",
  lead: "Mail that has not been sent: this house has no mail server, or the server refused it.",
  staff: "This is for the house's staff",
  staffWords:
    "Only staff may read the mail that lies here. On the house's own machine, homage admin create makes someone staff.",
  why: "Staff sign in to read the mail that lies here.",
  empty: "No mail lies here",
  emptyWords: "When somebody signs up or resets a password, the mail shows up here.",
  to: "To",
  subject: "Subject",
  at: "Written",
  refused: (why: string) => `The mail server refused it: ${why}`,
  hidden: "What it says is only for whom it is to.",
  open: "Open its link",
  more: "Older mail",
  reload: "Look again",
} as const;

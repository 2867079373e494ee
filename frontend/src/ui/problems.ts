/** One sentence for people, and what to do now, for each refusal that a page can meet. What is missing says itself. */
export interface Advice {
  what: string;
  /** Said instead of the API's own detail, where that is written for developers. */
  why?: string;
  now?: string;
  action?: { label: string; to: string };
}

const topUp = { label: "Top up", to: "/earnings" };
const signIn = { label: "Sign in", to: "/sign-in" };

export const ADVICE: Record<string, Advice> = {
  "no-connection": {
    what: "The house does not answer.",
    why: "Your connection is down, or the house is starting again.",
    now: "Nothing is lost: what is running goes on without this page. Try again in a moment.",
  },
  "page-error": { what: "This page made a mistake.", now: "Load the page again." },
  unreadable: {
    what: "The house did not answer as it should.",
    why: "Something between you and it is out of order.",
    now: "Try again in a moment.",
  },
  unavailable: {
    what: "The house is busy or starting again.",
    why: "Its database does not answer.",
    now: "Nothing was done or charged. Try again in a moment.",
  },
  unexpected: {
    what: "The house made a mistake.",
    why: "It was written down there.",
    now: "Nothing was changed. Try again later.",
  },
  unauthenticated: {
    what: "You are not signed in.",
    why: "This needs an account, or your session ended.",
    now: "Sign in and come back to this page.",
    action: signIn,
  },
  "not-enough-credit": {
    what: "Your credit does not reach for this.",
    now: "Top up, then order again. Nothing was charged.",
    action: topUp,
  },
  "payment-required": {
    what: "Your credit does not reach for this.",
    now: "Top up, then order again. Nothing was charged.",
    action: topUp,
  },
  "too-many-requests": {
    what: "That was too often in a short time.",
    why: "The house limits this, so that everybody gets a turn.",
  },
  "not-found": { what: "There is no such thing here.", why: "The address is wrong, or it is not yours to see." },
  undecodable: { what: "This file cannot be read as a picture." },
  "too-large": { what: "This file is too large." },
  "copies-too-much": {
    what: "The result held too large an unchanged piece of one source work.",
    now: "Order again with another seed; the price is back.",
  },
};

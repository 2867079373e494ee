import type { Advice } from "../../ui/problems";

/** What refusals mean to someone who is signing in or minding their account. */
export const advice: Record<string, Advice> = {
  "wrong-credentials": {
    what: "That did not match.",
    why: "No account has this address and this password.",
    now: "Check both, or choose another password by mail.",
    action: { label: "Reset the password", to: "/reset" },
  },
  "wrong-password": { what: "This is not your password.", why: "Nothing was changed.", now: "Type it again." },
  "weak-password": { what: "Choose another password." },
  "link-ended": {
    what: "This link no longer works.",
    why: "It was used before, or it is too old.",
    now: "If your account is open already, just sign in.",
    action: { label: "Sign in", to: "/sign-in" },
  },
  "too-many-attempts": { what: "Too many attempts.", why: "This slows down whoever guesses passwords." },
  "insecure-origin": { what: "You cannot sign in at this address.", now: "Use the house's https address." },
  "cannot-erase": { what: "The account cannot be erased yet." },
};

/** The same for someone who opens a mailed link where it was not asked for, and has no account yet. */
export const choiceAdvice: Record<string, Advice> = {
  ...advice,
  "wrong-password": {
    what: "That is not the password of this link.",
    why: "Another was chosen when the link was asked for.",
    now: "Type it again, or sign up again below if it was not you who asked.",
  },
  "too-many-attempts": {
    what: "Too many attempts.",
    why: "This slows down whoever guesses passwords.",
    now: "Signing up again, below, works at once.",
  },
};

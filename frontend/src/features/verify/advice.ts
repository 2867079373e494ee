import type { Advice } from "../../ui/problems";

export const advice: Record<string, Advice> = {
  "unclear-question": {
    what: "This is no work of this house.",
    why: "A number begins with wrk_, and a link ends with one; a SHA-256 has 64 hexadecimal digits, a mark 16; an ISCC begins with ISCC:; the address of a file begins with https://.",
    now: "Check it again, or drop the file itself.",
  },
  "all-busy": { what: "Several files are being checked already.", now: "Nothing is lost. Try again in a moment." },
};

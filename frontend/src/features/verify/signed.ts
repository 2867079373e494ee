/** Pure: the signed verdict, as a file to keep, and how it is checked. */
import type { Verdict } from "./verdict";

interface Said {
  subject?: Record<string, string>;
  exp?: number;
}

/** `wrk_….jws`, or named for the hash of the file where no work was found. */
export function fileName(verdict: Verdict): string {
  const sha256 = read(verdict.signed).subject?.sha256;
  return `${verdict.work ?? sha256?.slice(0, 16) ?? `verdict-${verdict.at.slice(0, 10)}`}.jws`;
}

/** Until when it counts, as a time; null where that cannot be read. */
export function countsUntil(verdict: Verdict): string | null {
  const { exp } = read(verdict.signed);
  return exp === undefined ? null : new Date(exp * 1000).toISOString();
}

/** Two lines that check it on any machine, from the keys of this house. */
export function checkLines(origin: string, file: string): string {
  return `curl ${origin}/.well-known/jwks.json > jwks.json\nhomage verdict check ${file} --keys jwks.json`;
}

/** What is signed, unchecked: these pages had it from the house itself. */
function read(signed: string): Said {
  try {
    const middle = (signed.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(middle), (letter) => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) as Said;
  } catch {
    return {};
  }
}

/** Signed verdicts: is it what the house said, and does it still count? Needs no house, only its public keys. */

/** One public key (RFC 7517), as `/.well-known/jwks.json` has it. `retired_at`: when it signed for the last time. */
export interface Key {
  kty: string;
  crv?: string;
  x?: string;
  kid?: string;
  signs?: string;
  retired_at?: string;
}

export interface Keys {
  keys: Key[];
}

/** What was signed: the verdict's members, and until when it counts (`iat` and `exp`, in seconds since 1970). */
export interface Signed {
  iss: string;
  iat: number;
  exp: number;
  standing: string;
  permission: "permit" | "needs-report" | "deny" | null;
  [member: string]: unknown;
}

export const TYPE = "homage-verdict+jwt";
const DAY = 86_400;
const SKEW = 300; // seconds that the clocks of house and reader may be apart
const LATE = 60; // seconds for which a retired key may still sign

/** The signature does not hold, or the verdict does not count (any more). */
export class NotSigned extends Error {}

/** None of the given keys made the signature; the house may have a new one. */
export class KeyUnknown extends NotSigned {}

/**
 * What the house said. `at`: the time to judge by, in seconds since 1970; null leaves the 24 hours aside. `sandbox`: whether
 * a verdict about a made-up work counts, too.
 */
export async function checked(
  jws: string,
  keys: Keys,
  at: number | null = Date.now() / 1000,
  sandbox = false,
): Promise<Signed> {
  const parts = jws.trim().split(".");
  const [head, payload, signature] = parts;
  if (parts.length !== 3 || !head || !payload || !signature) throw new NotSigned("this is no signed verdict");
  const header = json(head) as { alg?: string; typ?: string; kid?: string; crit?: unknown };
  if (header.alg !== "EdDSA" || header.typ !== TYPE || header.crit !== undefined) {
    throw new NotSigned(`this is signed as ${header.alg} ${header.typ}, not as a verdict`);
  }
  const key = keys.keys.find((one) => one.kid === header.kid && (one.signs ?? TYPE) === TYPE);
  if (!key) throw new KeyUnknown("none of the given keys made this signature; fetch the house's keys anew");
  await holds(key, `${head}.${payload}`, signature);
  const said = json(payload) as Signed;
  count(said, key, at);
  if (said.sandbox && !sandbox) throw new NotSigned("this verdict is of the sandbox: it is about a made-up work");
  return said;
}

async function holds(key: Key, text: string, signature: string): Promise<void> {
  const jwk = { kty: "OKP", crv: "Ed25519", x: key.x ?? "" };
  let good = false;
  try {
    const known = await crypto.subtle.importKey("jwk", jwk, { name: "Ed25519" }, false, ["verify"]);
    const bytes = new TextEncoder().encode(text);
    good = await crypto.subtle.verify({ name: "Ed25519" }, known, unpacked(signature), bytes);
  } catch (error) {
    throw new NotSigned(`the signature cannot be checked: ${error}`);
  }
  if (!good) throw new NotSigned("the signature does not hold");
}

function count(said: Signed, key: Key, at: number | null): void {
  const { iat, exp } = said;
  if (!(typeof iat === "number" && typeof exp === "number" && iat < exp && exp <= iat + DAY)) {
    throw new NotSigned("this does not say when it was signed, or claims to count for more than 24 hours");
  }
  if (key.retired_at !== undefined && !(iat <= Date.parse(key.retired_at) / 1000 + LATE)) {
    throw new NotSigned(`this was signed after its key was retired at ${key.retired_at}`);
  }
  if (at === null) return;
  if (iat > at + SKEW) throw new NotSigned("this was signed in the future; check the clock");
  if (at >= exp) throw new NotSigned("this verdict's 24 hours are over; ask again");
}

function json(part: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(unpacked(part)));
  } catch {
    throw new NotSigned("this is no signed verdict");
  }
}

function unpacked(part: string): Uint8Array<ArrayBuffer> {
  if (!/^[\w-]*$/.test(part)) throw new NotSigned("this is no signed verdict");
  const binary = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

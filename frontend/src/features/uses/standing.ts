/** Pure: whether a license still holds. */
import type { Schemas } from "../../api/client";

export type License = Schemas["License"];
export type Use = Schemas["UseOfMe"];
export type Standing = "active" | "revoked" | "expired" | "used";

export function standingOf(license: License, now: number): Standing {
  if (license.state === "revoked") return "revoked";
  if (Date.parse(license.expires_at) <= now) return "expired";
  return license.terms.cap !== null && license.used >= license.terms.cap ? "used" : "active";
}

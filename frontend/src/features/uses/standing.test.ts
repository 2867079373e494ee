import { expect, it } from "vitest";
import { type License, standingOf } from "./standing";

const license = { state: "active", expires_at: "2029-01-01T00:00:00Z", used: 1, terms: { cap: null } } as License;
const NOW = Date.parse("2028-01-01T00:00:00Z");

it("a license holds until it is ended, over, or used up", () => {
  expect(standingOf(license, NOW)).toBe("active");
  expect(standingOf({ ...license, state: "revoked" }, NOW)).toBe("revoked");
  expect(standingOf(license, Date.parse("2029-01-01T00:00:00Z"))).toBe("expired");
  expect(standingOf({ ...license, terms: { ...license.terms, cap: 1 } }, NOW)).toBe("used");
  expect(standingOf({ ...license, terms: { ...license.terms, cap: 2 } }, NOW)).toBe("active");
});

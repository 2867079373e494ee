import { expect, test } from "vitest";
import { type Delivery, KINDS, lookAgain, outcome } from "./health";
import { readLog } from "./search";
import { text } from "./strings";

const NOW = Date.parse("2030-01-01T00:00:00Z");
const delivery = (more: Partial<Delivery>): Delivery => ({
  id: "dlv_1",
  event: "evt_1",
  kind: "ping",
  state: "waiting",
  created_at: "2030-01-01T00:00:00Z",
  settled_at: null,
  due_at: "2030-01-01T00:00:05Z",
  attempts: 0,
  last: null,
  ...more,
});

test("the log looks again only while something is to be sent soon", () => {
  expect(lookAgain([delivery({})], NOW)).toBeGreaterThan(0);
  expect(lookAgain([delivery({ due_at: "2030-01-01T02:00:00Z" })], NOW)).toBe(false);
  expect(lookAgain([delivery({ state: "delivered", due_at: null })], NOW)).toBe(false);
  expect(lookAgain([], NOW)).toBe(false);
});

test("an attempt says its status, or why there is none", () => {
  expect(outcome({ status: 204, failure: null })).toBe("204");
  expect(outcome({ status: 500, failure: "not 2xx" })).toBe("500: not 2xx");
  expect(outcome({ status: null, failure: "no answer" })).toBe("no answer");
});

test("an address holds a state of the log, and nothing else gets in", () => {
  expect(readLog({ state: "failed" })).toEqual({ state: "failed" });
  expect(readLog({ state: "lost" })).toEqual({ state: undefined });
});

test("each kind is said in words", () => {
  expect(KINDS.every((kind) => text.kinds[kind])).toBe(true);
});

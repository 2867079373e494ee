import { expect, test } from "vitest";
import { type Beat, ended, fraction, newer, readBeat } from "./beats";

const beat = (more: Partial<Beat>): Beat => ({
  id: "wrk_1",
  state: "running",
  stage: null,
  step: null,
  of: null,
  ahead: null,
  eta_seconds: null,
  reason: null,
  beat: 1,
  ...more,
});

test("older news never replaces newer, whichever way it came", () => {
  const known = beat({ beat: 5, step: 4, of: 10 });
  expect(newer(known, beat({ beat: 4 }))).toBe(known);
  expect(newer(known, beat({ beat: 6 })).beat).toBe(6);
});

test("an end is not taken back by news of the same beat", () => {
  const done = beat({ beat: 9, state: "done" });
  expect(newer(done, beat({ beat: 9 }))).toBe(done);
});

test("news of another work starts afresh", () => {
  expect(newer(beat({ beat: 9 }), beat({ id: "wrk_2", beat: 0 })).id).toBe("wrk_2");
});

test("a work that goes back into the queue shows no progress", () => {
  expect(fraction(beat({ state: "queued", step: 3, of: 4 }))).toBeNull();
  expect(fraction(beat({ step: 3, of: 4 }))).toBe(0.75);
  expect(fraction(beat({ step: 9, of: 4 }))).toBe(1);
  expect(fraction(beat({ state: "done" }))).toBe(1);
});

test("only the three final states are an end", () => {
  expect(["done", "failed", "cancelled"].every((state) => ended(beat({ state })))).toBe(true);
  expect(["queued", "running"].some((state) => ended(beat({ state })))).toBe(false);
  expect(ended(null)).toBe(false);
});

test("an event that is none of ours is passed over", () => {
  expect(readBeat("{")).toBeNull();
  expect(readBeat("null")).toBeNull();
  expect(readBeat('{"other": 1}')).toBeNull();
  expect(readBeat(JSON.stringify(beat({})))).toEqual(beat({}));
});

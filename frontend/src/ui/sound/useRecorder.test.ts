import { expect, test } from "vitest";
import { heightOf, loudnessOf } from "./useRecorder";

test("the meter goes from 60 dB below full scale to full scale", () => {
  expect(heightOf(0)).toBe(0);
  expect(heightOf(0.001)).toBeCloseTo(0);
  expect(heightOf(0.0316)).toBeCloseTo(0.5, 2);
  expect(heightOf(1.4)).toBe(1);
});

test("a level in words", () => {
  expect([0, 0.3, 0.8, 1].map(loudnessOf)).toEqual(["silent", "quiet", "good", "loud"]);
});

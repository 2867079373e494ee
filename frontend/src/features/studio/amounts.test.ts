import { expect, test } from "vitest";
import { amountsFor } from "./amounts";

test("the least sum is just enough, in whole cents, and two rounder ones follow", () => {
  expect(amountsFor(3_000_001)).toEqual([3_010_000, 5_000_000, 10_000_000]);
  expect(amountsFor(5_000_000)).toEqual([5_000_000, 10_000_000, 20_000_000]);
});

test("above the roundest sum only what is missing is left", () => {
  expect(amountsFor(2_000_000_000)).toEqual([2_000_000_000]);
});

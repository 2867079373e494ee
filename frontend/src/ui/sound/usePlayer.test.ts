import { expect, test } from "vitest";
import { volumesOf } from "./usePlayer";

test("of two tracks none is louder, and before both are known both are full", () => {
  expect(volumesOf([0.2, 0.4])).toEqual([1, 0.5]);
  expect(volumesOf([0.2, null])).toEqual([1, 1]);
  expect(volumesOf([0, 0.3])).toEqual([1, 1]);
});

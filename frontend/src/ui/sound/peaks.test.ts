import { expect, test } from "vitest";
import { clock, levelOf, pathOf, peaksOf, spanOf } from "./peaks";

test("the loudest sample of each part is drawn, of any channel and either sign", () => {
  const left = Float32Array.of(0, 0.25, 0, 0);
  const right = Float32Array.of(0, 0, -0.5, 2);
  expect([...peaksOf([left, right], 2)]).toEqual([0.25, 1]);
  expect([...peaksOf([], 2)]).toEqual([0, 0]);
});

test("a path has a point above and one below for every bar, and silence is still a line", () => {
  expect(pathOf(Float32Array.of(1, 0))).toBe("M0.5 0.040L1.5 0.988L1.5 1.012L0.5 1.960Z");
});

test("pauses do not make a sound quieter", () => {
  expect(levelOf(Float32Array.of(0, 0, 0.5, 0.5))).toBe(0.5);
});

test("times are cut, not rounded up to what has not sounded yet", () => {
  expect(clock(65.29)).toBe("1:05");
  expect(clock(59.99, true)).toBe("0:59.9");
  expect(clock(0.3, true)).toBe("0:00.3");
  expect(clock(-1)).toBe("0:00");
});

test("a loop lies within the sound, whichever way it was drawn", () => {
  expect(spanOf(4, 1, 3)).toEqual({ begin: 1, end: 3 });
  expect(spanOf(1, 1.05, 3)).toBeNull();
});

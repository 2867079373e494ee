import { expect, test } from "vitest";
import { readStudio, takesIn } from "./search";
import { seedsFrom } from "./useDraft";

const work = (end: string) => `wrk_${end.padStart(26, "0")}`;
const style = (end: string) => `sty_${end.padStart(26, "0")}`;

test("the address keeps what it may name, and nothing else", () => {
  const raw = { style: `${style("1")}.${style("1")}.x`, take: "wrk_x", takes: work("1"), rework: work("2"), more: 1 };
  expect(readStudio(raw)).toEqual({ style: style("1"), takes: work("1"), rework: work("2") });
});

test("four takes at most", () => {
  expect(takesIn(["1", "2", "3", "4", "5"].map(work).join("."))).toEqual(["1", "2", "3", "4"].map(work));
});

test("seeds follow each other, and begin again after the last", () => {
  expect(seedsFrom(7, 3)).toEqual([7, 8, 9]);
  expect(seedsFrom(2 ** 32 - 1, 2)).toEqual([2 ** 32 - 1, 0]);
});

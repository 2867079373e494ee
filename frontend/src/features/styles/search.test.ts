import { expect, test } from "vitest";
import { isFiltered, queryOf, readSearch } from "./search";

test("an address says what is asked for, and nonsense in it is left out", () => {
  expect(readSearch({ q: "oil", medium: "sound", use: "print", max: 5, sort: "random", seed: "7" })).toEqual({
    q: "oil",
    medium: "sound",
    use: "print",
    max: "5",
    sort: "random",
    seed: 7,
  });
  expect(readSearch({ q: "  ", medium: "smell", use: "steal", max: "much", sort: "worst", seed: -1 })).toEqual({});
});

test("a seed without a mixed order says nothing", () => {
  expect(readSearch({ sort: "price", seed: 3 })).toEqual({ sort: "price" });
});

test("dollars are asked in millionths", () => {
  expect(queryOf({ max: "2.50", q: " ink " })).toEqual({ max_price: 2_500_000, q: "ink" });
  expect(queryOf({ medium: "picture" })).toEqual({ medium: "picture" });
});

test("an order alone is no filter", () => {
  expect(isFiltered({ sort: "price" })).toBe(false);
  expect(isFiltered({ use: "sell" })).toBe(true);
});

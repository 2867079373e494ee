import { expect, test } from "vitest";
import { format, parse, percent, sharesOf, USD } from "./money";

const usd = (amount: number) => ({ amount, asset: USD });

test("cents are always shown and finer digits only where there are any", () => {
  expect(format(usd(1_800_000))).toBe("$1.80");
  expect(format(usd(0))).toBe("$0.00");
  expect(format(usd(1))).toBe("$0.000001");
  expect(format(usd(12_500))).toBe("$0.0125");
  expect(format(usd(1_234_567_890_000))).toBe("$1,234,567.89");
});

test("negative amounts keep every digit", () => {
  expect(format(usd(-2_500_001))).toBe("−$2.500001");
});

test("the largest amount that the wire can carry loses nothing", () => {
  expect(format(usd(Number.MAX_SAFE_INTEGER))).toBe("$9,007,199,254.740991");
});

test("what was typed is read to the last unit", () => {
  expect(parse("12.5")).toEqual(usd(12_500_000));
  expect(parse(" $1,200 ")).toEqual(usd(1_200_000_000));
  expect(parse("0.000001")).toEqual(usd(1));
  expect(parse("4.35")).toEqual(usd(4_350_000));
});

test("what is no amount is refused", () => {
  for (const text of ["", "-1", "1e3", "1,2", "0.0000001", "12 apples", "99999999999999"])
    expect(parse(text)).toBeNull();
});

test("reading back what was shown gives the same amount", () => {
  for (const amount of [0, 1, 10, 9_999, 10_000, 123_456_789, 5_000_000_000_001])
    expect(parse(format(usd(amount)))).toEqual(usd(amount));
});

test("a share is never shown as nothing while it is something", () => {
  expect(percent(125_000)).toBe("12.5 %");
  expect(percent(1_000_000)).toBe("100 %");
  expect(percent(1)).toBe("< 0.01 %");
  expect(percent(0)).toBe("0 %");
  expect(percent(999_999)).not.toBe("100 %");
});

test("shares of amounts are millionths of their sum", () => {
  expect(sharesOf([usd(1), usd(3)])).toEqual([250_000, 750_000]);
  expect(sharesOf([usd(0)])).toEqual([0]);
});

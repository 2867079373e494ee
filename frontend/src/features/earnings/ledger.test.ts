import { describe, expect, it } from "vitest";
import { backwards, byDay, days, type Line, readSearch } from "./ledger";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const line = (at: string, kind: string, amount: number): Line => ({
  at,
  kind,
  amount,
  work: null,
  account: "creator:cre_1",
});

describe("periods", () => {
  it("are asked for in whole days, the last one included", () => {
    expect(days({ period: "week" }, NOW)).toEqual({ since: "2026-02-23" });
    expect(days({}, NOW)).toEqual({ since: "2026-01-31" });
    expect(days({ period: "year" }, NOW)).toEqual({ since: "2026-01-01" });
    expect(days({ period: "all" }, NOW)).toEqual({});
    expect(days({ period: "own", since: "2026-02-01", until: "2026-02-28" }, NOW)).toEqual({
      since: "2026-02-01",
      until: "2026-03-01",
    });
  });
  it("may not end before they begin", () => {
    expect(backwards({ period: "own", since: "2026-02-02", until: "2026-02-01" })).toBe(true);
    expect(backwards({ period: "own", since: "2026-02-02", until: "2026-02-02" })).toBe(false);
  });
  it("come from the address only if they make sense", () => {
    expect(readSearch({ owner: "cre_01abc", period: "week", next: "/studio?style=sty_1" })).toEqual({
      owner: "cre_01abc",
      period: "week",
      next: "/studio?style=sty_1",
    });
    expect(readSearch({ owner: "platform", period: "century", since: "soon", next: "//evil.example" })).toEqual({});
  });
});

describe("days", () => {
  it("are complete, kinds apart, reversals deducted", () => {
    const lines = [
      line("2026-02-27T23:59:59Z", "fee", 5),
      line("2026-03-01T00:00:00Z", "exploitation", 7),
      line("2026-03-01T01:00:00Z", "fee-reversal", -5),
      line("2026-03-01T02:00:00Z", "hold", -9),
    ];
    expect(byDay(lines, ["fee", "exploitation"])).toEqual([
      { day: "2026-02-27", sums: { fee: 5 } },
      { day: "2026-02-28", sums: {} },
      { day: "2026-03-01", sums: { exploitation: 7, fee: -5 } },
    ]);
  });
  it("are none where nothing moved", () =>
    expect(byDay([line("2026-02-27T00:00:00Z", "hold", 1)], ["fee"])).toEqual([]));
});

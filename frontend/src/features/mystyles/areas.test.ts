import { describe, expect, it } from "vitest";
import { type Area, byKey, drawn, large, moved, placed, sameAll, stretched } from "./areas";

const AREA: Area = [100_000, 200_000, 300_000, 600_000];

describe("areas", () => {
  it("are drawn from any corner, within the picture", () => {
    expect(drawn({ x: 0.6, y: 0.3 }, { x: 0.2, y: 0.1 })).toEqual(AREA);
    expect(drawn({ x: -1, y: 0.5 }, { x: 2, y: 0.9 })).toEqual([500_000, 0, 900_000, 1_000_000]);
    expect(large(drawn({ x: 0.5, y: 0.5 }, { x: 0.501, y: 0.9 }))).toBe(false);
  });
  it("keep their size when they are moved against an edge", () => {
    expect(moved(AREA, -500_000, 900_000)).toEqual([0, 600_000, 200_000, 1_000_000]);
  });
  it("never turn inside out", () => {
    expect(stretched(AREA, -900_000, 0)).toEqual([100_000, 200_000, 105_000, 600_000]);
  });
  it("follow the arrow keys, and no others", () => {
    expect(byKey(AREA, "ArrowDown", false)).toEqual([110_000, 200_000, 310_000, 600_000]);
    expect(byKey(AREA, "ArrowRight", true)).toEqual([100_000, 200_000, 300_000, 610_000]);
    expect(byKey(AREA, "Enter", false)).toBeNull();
  });
  it("are compared whatever their order", () => {
    const other: Area = [0, 0, 1, 1];
    expect(sameAll([AREA, other], [other, AREA])).toBe(true);
    expect(sameAll([AREA], [other])).toBe(false);
  });
  it("lie over the picture in percent", () => {
    expect(placed(AREA)).toEqual({ top: "10%", left: "20%", height: "20%", width: "40%" });
  });
});

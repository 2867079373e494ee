import { expect, test } from "vitest";
import { countsOf, lookAgain, type Report, typeOf } from "./usage";

const report = (more: Partial<Report>): Report => ({
  id: "usg_1",
  state: "done",
  form: "csv",
  bytes: 1,
  sha256: "",
  lines: 3,
  taken: 3,
  duplicates: 0,
  held: 0,
  faulty: 0,
  flagged: 0,
  faults_kept: 0,
  sums: [],
  rehearsal: true,
  created_at: "2030-01-01T00:00:00Z",
  finished_at: null,
  reason: null,
  ...more,
});

test("a file is sent as what its name says, and nothing else is sent", () => {
  expect(typeOf("May.CSV")).toBe("text/csv");
  expect([typeOf("may.ndjson"), typeOf("may.jsonl")]).toEqual(["application/x-ndjson", "application/x-ndjson"]);
  expect([typeOf("may.csv.gz"), typeOf("csv")]).toEqual([null, null]);
});

test("what came to nothing is said only where there is some of it", () => {
  expect(countsOf(report({ taken: 0 }))).toEqual(["taken"]);
  expect(countsOf(report({ held: 1, faulty: 2, duplicates: 3, flagged: 4 }))).toHaveLength(5);
});

test("the list looks again only while lines are being taken", () => {
  expect(lookAgain([report({})])).toBe(false);
  expect(lookAgain([report({}), report({ state: "taking" })])).toBeGreaterThan(0);
});

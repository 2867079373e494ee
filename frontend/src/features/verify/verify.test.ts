import { expect, test } from "vitest";
import { owedParts } from "./owed";
import { clock, partOf } from "./part";
import { asking, curlLine, formOf, recognize } from "./question";
import { readQuestion } from "./search";
import { countsUntil, fileName } from "./signed";
import { text } from "./strings";
import { isOwn, say, sureness, type Verdict, worth } from "./verdict";

const asked = { by: "file", use: null, medium: null, territory: null, date: null } as const;
const verdict = (more: Partial<Verdict>): Verdict => ({
  identification: "proven",
  standing: "licensed",
  confidence: 1,
  permission: null,
  reasons: [],
  work: "wrk_1",
  licensors: [],
  licensee: null,
  shares: [],
  evidence: [],
  changed: false,
  payable: true,
  others: [],
  income: null,
  terms: [],
  signed: "",
  asked,
  house: { name: "Homage", version: "0" },
  at: "2030-01-01T00:00:00Z",
  ...more,
});
const use = { ...asked, use: "sell", territory: "DE", date: "2030-01-01" };

test("a use that was asked about is answered before the license", () => {
  expect(say(verdict({ permission: "permit", asked: use }))).toMatchObject({
    tone: "yes",
    title: "Yes, you may sell it",
  });
  expect(say(verdict({ permission: "permit", asked: use })).words).toContain("Germany");
  expect(say(verdict({ permission: "needs-report", asked: use })).tone).toBe("mind");
  expect(say(verdict({ permission: "deny", asked: use })).tone).toBe("no");
});

test("nothing found is neither a yes nor a no", () => {
  const nothing = { identification: "none", standing: "unknown", work: null } as const;
  expect(say(verdict({ ...nothing, permission: "deny", asked: use })).tone).toBe("none");
});

test("what is withdrawn, contested or an original is never shown as a yes", () => {
  expect(say(verdict({ standing: "withdrawn" })).tone).toBe("no");
  expect(say(verdict({ standing: "unlicensed" })).tone).toBe("no");
  expect(say(verdict({ identification: "contested", standing: "unlicensed" })).tone).toBe("no");
  expect(say(verdict({ identification: "matched", standing: "unlicensed", work: null })).tone).toBe("no");
});

test("sureness is rounded down", () => {
  expect(sureness(0.999)).toBe("99 %");
  expect(sureness(1)).toBe("100 %");
});

test("an address holds a question, and nothing else gets in", () => {
  const search = { work: "wrk_1", use: "sell", territory: "DE", date: "2030-01-01", other: "x" };
  expect(readQuestion(search)).toEqual({ work: "wrk_1", use: "sell", territory: "DE", date: "2030-01-01" });
  expect(readQuestion({ use: "steal", territory: "Deutschland", date: "soon", work: 7 })).toEqual({});
});

test("place and day are sent only with a use", () => {
  const sent = [...formOf({ work: "wrk_1", territory: "DE", date: "2030-01-01" }, null).keys()];
  expect(sent).toEqual(["work"]);
});

test("a file goes before a number", () => {
  const form = formOf({ work: "wrk_1", use: "sell" }, new File(["x"], "x.png"));
  expect([...form.keys()]).toEqual(["file", "use"]);
});

test("the command line survives a shell", () => {
  expect(curlLine("https://a.example", { use: "sell" }, "it's $(me).png")).toBe(
    "curl -F 'file=@it'\\''s $(me).png' -F use=sell https://a.example/v1/verifications",
  );
});

test("what only resembles a work is no yes, whatever its license says", () => {
  for (const identification of ["derived", "hint"] as const)
    expect(say(verdict({ identification, standing: "unknown" })).tone).toBe("none");
});

test("a part is shown where the file is not the whole work", () => {
  const evidence = { layer: "fingerprint", confidence: 0.9, detail: "", work: "wrk_1", here: null, there: null };
  const half = { left: 0, top: 0, right: 0.5, bottom: 1 };
  const whole = { left: 0, top: 0, right: 1, bottom: 1 };
  expect(partOf(evidence)).toBeNull();
  expect(partOf({ ...evidence, here: whole, there: whole })).toBeNull();
  expect(partOf({ ...evidence, here: whole, there: half })).toMatchObject({ ofFile: "100 %", ofWork: "50 %" });
  expect(partOf({ ...evidence, here: { begin: 0, end: 9 }, there: { begin: 65, end: 74 } })).toMatchObject({
    kind: "sound",
    there: { begin: 65 },
  });
  const [quarter, all] = [
    { ...half, bottom: 0.5 },
    { kind: "picture", ofFile: "25 %", wholeWork: true },
  ];
  expect(partOf({ ...evidence, here: quarter, there: whole })).toMatchObject(all);
  expect(clock(65)).toBe("1:05");
});

test("a creator's own work is told as an original, made for nobody", () => {
  const own = verdict({ standing: "unlicensed" });
  expect([isOwn(own), say(own).title]).toEqual([true, text.verdict.original]);
  expect(isOwn(verdict({ licensee: { name: "Robin" } }))).toBe(false);
  expect(say(verdict({ identification: "several", standing: "unlicensed" })).title).toBe(text.verdict.notAll);
});

test("two layers are only claimed where two name the work", () => {
  const one = { confidence: 0.9, detail: "", work: "wrk_1", here: null, there: null };
  const samples = { ...one, layer: "samples" } as const;
  const mark = { ...one, layer: "mark" } as const;
  expect(worth(verdict({ evidence: [samples] }))).toBe(text.payableAlone);
  expect(worth(verdict({ evidence: [samples, mark] }))).toBe(text.payable);
  expect(worth(verdict({ evidence: [samples, mark], payable: false }))).toBe(text.notPayable);
});

test("what is typed is told by its looks", () => {
  const kind = (typed: string) => recognize(typed)?.kind ?? null;
  expect(kind(" wrk_01arz3ndektsv4rrffq69g5fav ")).toBe("work");
  expect(kind("https://a.example/works/wrk_01arz3ndektsv4rrffq69g5fav?view=sources")).toBe("work");
  expect(kind("https://a.example/picture.jpg")).toBe("url");
  expect(recognize("AB".repeat(32))).toEqual({ kind: "sha256", value: "ab".repeat(32) });
  expect(kind("00ff00ff00ff00ff")).toBe("mark");
  expect(recognize("eeawrc2owrzyt2ea")).toEqual({ kind: "iscc", value: "ISCC:EEAWRC2OWRZYT2EA" });
  expect(kind("ISCC:EEAWRC2OWRZYT2EA")).toBe("iscc");
  expect([kind("  "), kind("my picture")]).toEqual([null, "work"]);
});

test("one thing is asked about at a time, and the use in mind stays", () => {
  const before = { work: "wrk_1", use: "sell" };
  const next = asking(before, { kind: "url", value: "https://a.example/x.png" });
  expect([...formOf(next, null).keys()]).toEqual(["url", "use"]);
  expect([...formOf(asking(before, null), null).keys()]).toEqual(["use"]);
  const several = { work: "wrk_1", sha256: "ab".repeat(32), mark: "no mark" };
  expect(readQuestion(several)).toEqual({ work: "wrk_1" });
  const nothing = readQuestion({ url: "javascript:alert(1)", iscc: "ISCC:no" });
  expect(nothing).toEqual({});
  expect(Object.keys(nothing), "the router keeps what is not named").toEqual(
    expect.arrayContaining(["url", "iscc", "work", "sha256", "mark"]),
  );
});

test("a signed verdict is named for the work, or for the file that was asked about", () => {
  const said = { subject: { by: "file", sha256: "ab".repeat(32) }, exp: 1_893_456_000 };
  const signed = `e30.${btoa(JSON.stringify(said)).replaceAll("=", "")}.x`;
  expect(fileName(verdict({ signed }))).toBe("wrk_1.jws");
  expect(fileName(verdict({ signed, work: null }))).toBe("abababababababab.jws");
  expect(countsUntil(verdict({ signed }))).toBe("2030-01-01T00:00:00.000Z");
  expect([fileName(verdict({ work: null })), countsUntil(verdict({}))]).toEqual(["verdict-2030-01-01.jws", null]);
});

test("what is owed adds up to all of it", () => {
  const licensors = [
    { creator: "cre_1", name: "Ada" },
    { creator: "cre_2", name: "Bob" },
  ];
  const income = {
    creators_ppm: 600_000,
    fan_ppm: 300_000,
    platform_ppm: 100_000,
    licensors: [
      { creator: "cre_1", share: 750_000 },
      { creator: "cre_2", share: 250_000 },
    ],
  };
  const parts = owedParts(verdict({ income, licensors, licensee: { name: "Robin" } }));
  expect(parts.map(({ name, share }) => [name, share])).toEqual([
    ["Ada", 450_000],
    ["Bob", 150_000],
    ["Robin", 300_000],
    ["Homage", 100_000],
  ]);
  expect(owedParts(verdict({}))).toEqual([]);
});

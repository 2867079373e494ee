import { expect, test } from "vitest";
import { clock, partOf } from "./part";
import { curlLine, formOf, readQuestion } from "./question";
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

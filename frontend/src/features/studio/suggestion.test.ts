import { expect, test } from "vitest";
import { exactly, type Suggestion, settingsOf, type Tuning, tunedTo } from "./suggestion";

const MARA: Suggestion = { style: "sty_a", creator: "Mara", title: "Portrait", params: { strength: 0.2, size: 768 } };
const BEFORE: Tuning = { params: { strength: 0.9 }, tuned: null, declined: null };

test("a style without a suggestion leaves the settings as they were made", () => {
  expect(settingsOf(BEFORE, null)).toEqual({ strength: 0.9 });
});

test("a suggestion sets what another style's settings were, and the fan's next change goes on from it", () => {
  const shown = settingsOf(BEFORE, MARA);
  expect(shown).toEqual({ strength: 0.2, size: 768 });
  const changed = { ...BEFORE, ...tunedTo({ ...shown, strength: 0.4 }, MARA) };
  expect(settingsOf(changed, MARA)).toEqual({ strength: 0.4, size: 768 });
});

test("a suggestion that is not wanted counts no more, but another style's does", () => {
  const plain: Tuning = { params: {}, tuned: null, declined: "sty_a" };
  expect(settingsOf(plain, MARA)).toEqual({});
  expect(settingsOf(plain, { ...MARA, style: "sty_b" })).toEqual(MARA.params);
});

test("an earlier work's settings are taken over without a suggestion mixed in", () => {
  expect(settingsOf(exactly({ size: 512 }, "sty_a"), MARA)).toEqual({ size: 512 });
});

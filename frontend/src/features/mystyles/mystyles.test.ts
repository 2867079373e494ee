import { describe, expect, it } from "vitest";
import type { OwnStyle, TermsPreset } from "./own";
import { consented, done, next } from "./own";
import { type ConsentDraft, consentFaults, inOwnWords, statementOf } from "./statement";
import { divided, draftOf, faultsOf, offerOf, shared, unchanged, yearsLater } from "./terms";
import { titleOf, titlesOf } from "./titles";

const TERMS: TermsPreset["terms"] = {
  version: 1,
  uses: ["print", "publish", "sell"],
  report_uses: ["sell"],
  medium: "picture",
  territory: "world",
  starts_on: "2026-11-25",
  ends_on: "2029-11-25",
  cap: null,
  price: { amount: 1_234_500_000, asset: "USD/6" },
  royalty_ppm: 333_333,
  fan_ppm: 400_000,
  max_copy_ppm: 50_000,
  attribution: "in the style of Ines",
};
const LIMITS = {
  today: "2026-11-25",
  until: "2031-11-25",
  training: "notAllowed" as const,
  medium: "picture" as const,
};

describe("titles", () => {
  it("are the file's name, made readable", () => {
    expect(titleOf("harbour_at_dusk-02 (final).PNG")).toBe("Harbour at dusk 02");
    expect(titleOf("Ölbild.tiff")).toBe("Ölbild");
    expect(titleOf("self-portrait - draft.jpg")).toBe("Self portrait - draft");
  });
  it("do not repeat what a camera made up, and number the nameless", () => {
    expect(titlesOf(["IMG_4711.jpg", "moor.png", "20261125_101500.heic"], 4)).toEqual([
      "Untitled 5",
      "Moor",
      "Untitled 7",
    ]);
  });
  it("fit the house's limit and hold no control characters", () => {
    expect(titleOf(`${"a".repeat(300)}.png`)).toHaveLength(200);
    expect(titleOf("a\u202eb\u0000c.png")).toBe("A b c");
  });
});

describe("terms", () => {
  it("come back from the fields as they went in, to the last millionth", () => {
    const { starts_on: _, ...rest } = TERMS;
    expect(offerOf(draftOf(TERMS, "x"), { today: "2026-12-01", medium: "picture" })).toEqual({
      ...rest,
      starts_on: "2026-12-01",
    });
    expect(unchanged(draftOf(TERMS, "x"), TERMS)).toBe(true);
    expect(unchanged({ ...draftOf(TERMS, "x"), uses: ["sell", "print", "publish"] }, TERMS)).toBe(true);
    expect(unchanged({ ...draftOf(TERMS, "x"), price: "1234.51" }, TERMS)).toBe(false);
  });
  it("are refused at the field that is wrong", () => {
    const draft = draftOf(TERMS, "x");
    expect(faultsOf(draft, LIMITS)).toEqual({});
    const wrong = {
      ...draft,
      price: "five",
      cap: "0",
      everywhere: false,
      endsOn: "2031-11-26",
      uses: ["train" as const],
    };
    expect(Object.keys(faultsOf(wrong, LIMITS)).sort()).toEqual(["cap", "endsOn", "price", "territory", "uses"]);
    expect(faultsOf({ ...draft, uses: ["train"] }, { ...LIMITS, training: "constrained" })).toEqual({});
    expect(faultsOf({ ...draft, endsOn: "2031-11-25" }, LIMITS)).toEqual({});
    expect(faultsOf({ ...draft, copy: Number.NaN }, LIMITS)).toHaveProperty("copy");
  });
  it("report only what they allow", () => {
    const draft = { ...draftOf(TERMS, "x"), uses: ["publish" as const] };
    expect(offerOf(draft, LIMITS).report_uses).toEqual([]);
  });
  it("never give away more than all", () => {
    const draft = { ...draftOf(TERMS, "x"), creators: 50, fan: 50 };
    expect(shared(draft, "creators", 80)).toEqual({ creators: 80, fan: 20 });
    expect(shared(draft, "fan", 10)).toEqual({ fan: 10, creators: 50 });
  });
  it("divide to the last unit", () => {
    const parts = divided({ amount: 10, asset: "USD/6" }, 333_333, 333_333);
    expect(parts.map(({ amount }) => amount)).toEqual([3, 3, 4]);
  });
  it("count years over a leap day", () => expect(yearsLater("2028-02-29", 5)).toBe("2033-02-28"));
});

describe("the declaration", () => {
  const draft: ConsentDraft = {
    legalName: " Ines Varga ",
    author: true,
    rights: true,
    adult: true,
    uses: "Fans may publish and sell them.",
    preset: null,
    expiresOn: "2031-11-25",
    training: "notAllowed",
  };
  it("is shown word for word as the house keeps it", () => {
    expect(
      statementOf(draft, { creator: { id: "cre_1" }, medium: "picture" } as OwnStyle, "2026-11-25T10:00:00+00:00"),
    ).toBe(
      "I, Ines Varga (cre_1), declare on 2026-11-25T10:00:00+00:00: I am the author of the works I register for this" +
        " style (picture); I hold the rights in them that this needs; I am of age. I allow these uses of my style, under" +
        " the terms of the offers I publish: Fans may publish and sell them. This holds until 2031-11-25, unless I" +
        " withdraw it earlier, which I may at any time. Training of AI models on my works: not allowed.",
    );
  });
  it("says what is missing, each at its field", () => {
    expect(consentFaults(draft, "2026-11-25")).toEqual({});
    const empty = {
      ...draft,
      legalName: " ",
      author: false,
      adult: false,
      uses: "do do do do do",
      expiresOn: "2026-11-25",
    };
    expect(Object.keys(consentFaults(empty, "2026-11-25")).sort()).toEqual(
      ["adult", "author", "expiresOn", "legalName", "uses"].sort(),
    );
    expect(consentFaults({ ...draft, expiresOn: "2036-11-26" }, "2026-11-25")).toHaveProperty("expiresOn");
  });
  it("begins with what the terms allow", () => {
    expect(inOwnWords(TERMS)).toBe(
      "Fans may make pictures in my style and publish, sell and print them. Each time they sell one, they report it to me.",
    );
    expect(inOwnWords({ ...TERMS, medium: "sound", cap: 1, report_uses: [] })).toBe(
      "Each fan may make one recording in my style and publish, sell and print it.",
    );
  });
});

describe("the way to a live style", () => {
  const style = {
    state: "draft",
    missing: [],
    assets: [{ state: "live" }],
    consent: { withdrawn_at: null, expires_at: "2999-01-01T00:00:00Z" },
    offer: null,
  } as unknown as OwnStyle;
  it("goes on at the first step that is not done", () => {
    expect(next({ ...style, assets: [] }, false)).toBe("works");
    expect(next({ ...style, consent: null }, false)).toBe("consent");
    expect(next(style, false)).toBe("terms");
    expect(next(style, true)).toBe("publish");
  });
  it("is held up by a work that may be somebody else's", () => {
    const assets = [...style.assets, { state: "held" }] as OwnStyle["assets"];
    expect(done({ ...style, assets }, true).works).toBe(false);
  });
  it("is held up by a voice that is not yet shown to be one's own", () => {
    const missing = ["speak the phrase, so that 2 of its recordings can be said to be of your voice"];
    expect(done({ ...style, missing }, true).works).toBe(false);
  });
  it("needs a declaration that stands now", () => {
    const consent = style.consent as NonNullable<OwnStyle["consent"]>;
    expect(consented(style)).toBe(true);
    expect(consented({ ...style, consent: { ...consent, withdrawn_at: "2026-01-01T00:00:00Z" } })).toBe(false);
    expect(consented({ ...style, consent: { ...consent, expires_at: "2026-01-01T00:00:00Z" } })).toBe(false);
  });
});

import { expect, test } from "vitest";
import { artistsOf, inList } from "./words";

test("names stand in a list as one would say it", () => {
  expect(inList([])).toBe("");
  expect(inList(["Oil"])).toBe("Oil");
  expect(inList(["Oil", "Ink", "Wood"])).toBe("Oil, Ink and Wood");
});

test("an artist of two styles is named once", () => {
  const creator = { id: "cre_1", name: "Mara" };
  const one = { style: "sty_1", name: "Oil", creator, offer: "off_1", license: null, weight: 1 };
  expect(artistsOf({ styles: [one, { ...one, style: "sty_2", name: "Ink" }] })).toBe("Mara");
});

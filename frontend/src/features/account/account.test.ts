import { expect, test } from "vitest";
import { browserOf } from "./browser";
import { safeNext, tokenOf } from "./next";

test("one comes back only to a page of ours", () => {
  expect(safeNext("/studio?style=sty_1#x")).toBe("/studio?style=sty_1#x");
  for (const next of ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "", 7, null])
    expect(safeNext(next)).toBeUndefined();
});

test("the token is read with or without its hash sign", () => {
  expect(tokenOf("#token=abc-_1")).toBe("abc-_1");
  expect(tokenOf("token=abc")).toBe("abc");
  expect(tokenOf("")).toBe("");
});

test("a browser is called as people call it", () => {
  const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36";
  const safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 20_0 like Mac OS X) Version/20.0 Mobile Safari/604.1";
  expect(browserOf(chrome)).toBe("Chrome on Linux");
  expect(browserOf(`${chrome} Edg/156.0`)).toBe("Edge on Linux");
  expect(browserOf(safari)).toBe("Safari on iOS");
  expect(browserOf("curl/8.5")).toBe("curl/8.5");
  expect(browserOf("")).toBe("An unknown browser");
});

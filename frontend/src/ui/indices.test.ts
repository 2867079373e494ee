import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { decodeIndices, rgba } from "./indices";

/** A palette PNG made here by hand; checksums are left out, for readers of ours do not look at them. */
function png(width: number, height: number, bits: number, rows: number[][], kind = 3): Uint8Array {
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  head.set([bits, kind, 0, 0, 0], 8);
  const data = deflateSync(Uint8Array.from(rows.flat()));
  const chunk = (name: string, body: Uint8Array) => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, body.length);
    return [...length, ...new TextEncoder().encode(name), ...body, 0, 0, 0, 0];
  };
  const half = data.length >> 1;
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk("IHDR", head),
    ...chunk("IDAT", data.subarray(0, half)),
    ...chunk("IDAT", data.subarray(half)),
    ...chunk("IEND", new Uint8Array()),
  ]);
}

test("numbers of one byte come out as they went in, through every filter", async () => {
  const rows = [
    [0, 1, 2, 3],
    [1, 1, 1, 1],
    [2, 1, 1, 1],
    [3, 4, 2, 2],
    [4, 1, 1, 1],
  ];
  const { indices } = await decodeIndices(png(3, 5, 8, rows));
  const expected = [
    [1, 2, 3],
    [1, 2, 3], // left
    [2, 3, 4], // up
    [5, 6, 7], // the mean of left and up: 4+1, 2+4, 2+5
    [6, 7, 8], // the nearest of left, up and corner
  ];
  expect([...indices]).toEqual(expected.flat());
});

test("packed numbers are taken apart, and the rest of the last byte is nothing", async () => {
  expect([...(await decodeIndices(png(3, 1, 4, [[0, 0x12, 0x3f]]))).indices]).toEqual([1, 2, 3]);
  expect([...(await decodeIndices(png(5, 1, 2, [[0, 0b00011011, 0b10111111]]))).indices]).toEqual([0, 1, 2, 3, 2]);
  expect([
    ...(
      await decodeIndices(
        png(2, 2, 1, [
          [0, 0x80],
          [0, 0x40],
        ]),
      )
    ).indices,
  ]).toEqual([1, 0, 0, 1]);
});

test("any other picture is refused", async () => {
  await expect(decodeIndices(png(1, 1, 8, [[0, 1, 2, 3]], 2))).rejects.toThrow("not a map");
  await expect(decodeIndices(png(4, 4, 8, [[0, 1, 2, 3, 4]]))).rejects.toThrow("cut off");
  await expect(decodeIndices(new TextEncoder().encode("a long enough text that is no picture"))).rejects.toThrow(
    "not a PNG",
  );
});

test("a color becomes the word that a canvas keeps", () => {
  expect(rgba("#112233", 1).toString(16)).toBe("ff332211");
  expect(rgba("#ffffff", 0)).toBe(0xffffff);
});

/** The map of a work's sources: a palette PNG whose pixel values are numbers of sources, read without any library. */
import { VEIL } from "../theme";

export interface IndexMap {
  width: number;
  height: number;
  indices: Uint8Array;
}

interface Tint {
  index: number;
  color: string;
}

/** Browsers decode a palette into colors and drop the numbers, so the file is read here. */
export async function readIndices(url: string, signal?: AbortSignal): Promise<IndexMap> {
  const response = await fetch(url, { signal: signal ?? null });
  if (!response.ok) throw new Error(`no map: ${response.status}`);
  return decodeIndices(new Uint8Array(await response.arrayBuffer()));
}

/** Pixel values of a palette or gray PNG of 1, 2, 4 or 8 bits, not interlaced. Throws for any other file. */
export async function decodeIndices(png: Uint8Array): Promise<IndexMap> {
  const { width, height, bits, packed } = chunks(png);
  const raw = await inflate(packed);
  const stride = Math.ceil((width * bits) / 8);
  if (raw.length < (stride + 1) * height) throw new Error("the map is cut off");
  const indices = new Uint8Array(width * height);
  let above = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const start = y * (stride + 1);
    const row = raw.slice(start + 1, start + 1 + stride);
    unfilter(row, above, raw[start] ?? 0);
    unpack(row, indices.subarray(y * width, (y + 1) * width), bits);
    above = row;
  }
  return { width, height, indices };
}

function chunks(png: Uint8Array) {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  if (view.getUint32(0) !== 0x89504e47) throw new Error("not a PNG");
  const width = view.getUint32(16);
  const height = view.getUint32(20);
  const [bits = 0, kind = 0, , , interlaced = 0] = png.subarray(24, 29);
  if (![0, 3].includes(kind) || ![1, 2, 4, 8].includes(bits) || interlaced) throw new Error("not a map of numbers");
  const parts: Uint8Array[] = [];
  for (let at = 8; at + 8 <= png.length; ) {
    const length = view.getUint32(at);
    if (view.getUint32(at + 4) === 0x49444154) parts.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return { width, height, bits, packed: new Blob(parts as Uint8Array<ArrayBuffer>[]) };
}

async function inflate(packed: Blob): Promise<Uint8Array<ArrayBuffer>> {
  const stream = packed.stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** PNG's five filters, for pixels of at most one byte. */
function unfilter(row: Uint8Array, above: Uint8Array, filter: number): void {
  for (let x = 0; x < row.length; x++) {
    const left = x ? (row[x - 1] ?? 0) : 0;
    const up = above[x] ?? 0;
    const corner = x ? (above[x - 1] ?? 0) : 0;
    const guess = [0, left, up, (left + up) >> 1, nearest(left, up, corner)][filter] ?? 0;
    row[x] = (row[x] ?? 0) + guess;
  }
}

function nearest(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function unpack(row: Uint8Array, into: Uint8Array, bits: number): void {
  const per = 8 / bits;
  const mask = (1 << bits) - 1;
  for (let x = 0; x < into.length; x++) {
    const shift = 8 - bits * ((x % per) + 1);
    into[x] = ((row[Math.floor(x / per)] ?? 0) >> shift) & mask;
  }
}

/** Draws the sources over the picture; with one chosen, that one stays clear and everything else is veiled. */
export function paint(canvas: HTMLCanvasElement, map: IndexMap, tints: Tint[], chosen: number | null): void {
  canvas.width = map.width;
  canvas.height = map.height;
  const context = canvas.getContext("2d");
  if (!context || tints.length === 0) return;
  const image = context.createImageData(map.width, map.height);
  const pixels = new Uint32Array(image.data.buffer);
  const table = new Uint32Array(256);
  if (chosen !== null) table.fill(rgba(VEIL, 0.72));
  for (const { index, color } of tints) {
    if (chosen === null) table[index] = rgba(color, 0.55);
    else if (index === chosen) table[index] = rgba(color, 0.18);
  }
  for (let at = 0; at < pixels.length; at++) pixels[at] = table[map.indices[at] ?? 0] ?? 0;
  context.putImageData(image, 0, 0);
}

/** A map of one row as a lane in full color; with one source chosen, the others are faint. */
export function paintLane(canvas: HTMLCanvasElement, map: IndexMap, tints: Tint[], chosen: number | null): void {
  canvas.width = map.width;
  canvas.height = 1;
  const context = canvas.getContext("2d");
  if (!context) return;
  const image = context.createImageData(map.width, 1);
  const pixels = new Uint32Array(image.data.buffer);
  const table = new Uint32Array(256);
  for (const { index, color } of tints) table[index] = rgba(color, chosen === null || chosen === index ? 1 : 0.2);
  for (let at = 0; at < pixels.length; at++) pixels[at] = table[map.indices[at] ?? 0] ?? 0;
  context.putImageData(image, 0, 0);
}

/** `#rrggbb` as the ABGR word that a little-endian canvas holds. */
export function rgba(color: string, opacity: number): number {
  const value = Number.parseInt(color.slice(1), 16);
  const [red, green, blue] = [value >> 16, (value >> 8) & 255, value & 255];
  return ((Math.round(opacity * 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

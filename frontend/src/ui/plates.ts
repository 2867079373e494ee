/** What was painted, as the black and white pictures that the house is told it by: white is where. */
import { draw, type Mark, type Painting, sized } from "./painting";

const BLACK = "#000";
const WHITE = "#fff";

/** One mask. */
export function maskOf(painting: Painting): Promise<File> {
  return filed(
    plate(painting, BLACK, (layer) => (layer === null ? BLACK : WHITE)),
    "mask.png",
  );
}

/**
 * A picture for each layer, by its key. A layer without any part of its own has all that nobody has.
 * Marks of layers that are not among these count as wiped.
 */
export async function regionsOf(painting: Painting, layers: readonly string[]): Promise<Map<string, File>> {
  const found = new Map<string, File>();
  for (const key of layers) {
    const own = plate(painting, BLACK, (layer) => (layer === key ? WHITE : BLACK));
    const rest = () => plate(painting, WHITE, (layer) => (layer !== null && layers.includes(layer) ? BLACK : WHITE));
    found.set(key, await filed(hasWhite(own) ? own : rest(), `region-${key}.png`));
  }
  return found;
}

function plate(painting: Painting, ground: string, colorOf: (layer: Mark["layer"]) => string): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = sized(painting.ratio);
  const pen = penOf(canvas);
  pen.fillStyle = ground;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  draw(pen, [canvas.width, canvas.height], painting.marks, colorOf);
  return canvas;
}

function hasWhite(canvas: HTMLCanvasElement): boolean {
  const { data } = penOf(canvas).getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < data.length; i += 4) if ((data[i] ?? 0) >= 128) return true;
  return false;
}

function penOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (!pen) throw new Error("this browser cannot draw");
  return pen;
}

function filed(canvas: HTMLCanvasElement, name: string): Promise<File> {
  const { promise, resolve, reject } = Promise.withResolvers<File>();
  canvas.toBlob(
    (blob) => (blob ? resolve(new File([blob], name, { type: "image/png" })) : reject(new Error("nothing was drawn"))),
    "image/png",
  );
  return promise;
}

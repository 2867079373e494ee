/** Which part is painted and where which style goes, brought to the house as pictures: each painting once. */
import { useRef } from "react";
import { send } from "../../api/upload";
import type { Painting } from "../../ui/painting";
import { maskOf, regionsOf } from "../../ui/plates";

export interface Wished {
  mask: Painting | null;
  regions: Painting | null;
  /** The styles among which the picture is divided. */
  styles: readonly string[];
}

/** The uploads' ids. */
export interface Parts {
  mask: string | null;
  regions: ReadonlyMap<string, string>;
}

export function useParts({ mask, regions, styles }: Wished) {
  const brought = useRef(new Map<string, Promise<string>>());

  function once(key: string, file: File): Promise<string> {
    const known = brought.current.get(key);
    if (known) return known;
    const sent = send(file);
    brought.current.set(key, sent);
    sent.catch(() => brought.current.delete(key));
    return sent;
  }

  /** Throws Problem. */
  async function bring(): Promise<Parts> {
    const found = new Map<string, string>();
    if (regions && isPainted(regions) && styles.length > 1)
      for (const [style, file] of await regionsOf(regions, styles))
        found.set(style, await once(JSON.stringify([regions, styles, style]), file));
    const part = mask && isPainted(mask) ? await once(JSON.stringify(mask), await maskOf(mask)) : null;
    return { mask: part, regions: found };
  }

  /** An upload may have expired, or belong to whoever was signed in before. */
  return { bring, forget: () => brought.current.clear() };
}

export const isPainted = (painting: Painting | null | undefined): boolean => (painting?.marks.length ?? 0) > 0;

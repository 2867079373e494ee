/** What is set up in the studio: kept in this browser, so that a reload or signing in loses nothing of it. */
import { useCallback, useEffect, useRef, useState } from "react";
import { type KeptPicture, keep, keepPicture, kept, keptPicture } from "../../api/draft";
import type { Painting } from "../../ui/painting";
import type { Tuning } from "./suggestion";

export type Source = { kind: "starter"; name: string } | { kind: "file"; file: File; upload: string | null };

export interface Draft extends Tuning {
  /** Weights by the style's id; they count among more than one. */
  weights: Record<string, number>;
  /** The styles last chosen, for an address that names none. */
  styles: string[];
  engine: string | null;
  seed: number;
  source: Source | null;
  /** The part of the picture that is painted; null is all of it. */
  mask: Painting | null;
  /** Which style goes where; its layers are the styles' ids. */
  regions: Painting | null;
  /** A work that is repainted, and in which part. */
  repaint: { work: string; painting: Painting } | null;
}

type Kept = Omit<Draft, "source"> & { starter: string | null };

const NAME = "studio";
const REST = 300; // milliseconds without a change before it is written down
const SEEDS = 2 ** 32;

export const newSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;

/** As many seeds, this one first; after the largest they go on from 0. */
export const seedsFrom = (seed: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (seed + i) % SEEDS);

export const isSeed = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < SEEDS;

const fresh = (): Draft => ({
  weights: {},
  styles: [],
  engine: null,
  params: {},
  tuned: null,
  declined: null,
  seed: newSeed(),
  source: null,
  mask: null,
  regions: null,
  repaint: null,
});

/** `ready` once what was kept has been read. */
export function useDraft() {
  const [draft, setDraft] = useState(fresh);
  const [ready, setReady] = useState(false);
  const latest = useRef<Draft | null>(null);
  const change = useCallback((part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part })), []);

  useEffect(() => {
    let gone = false;
    Promise.all([kept<Kept>(NAME), keptPicture()]).then(([before, picture]) => {
      if (gone) return;
      setDraft((now) => restored(now, before, picture));
      setReady(true);
    });
    return () => {
      gone = true;
    };
  }, []);

  useEffect(() => {
    if (!ready) return;
    latest.current = draft;
    const later = setTimeout(() => void write(draft), REST);
    return () => clearTimeout(later);
  }, [draft, ready]);
  useEffect(
    () => () => {
      if (latest.current) void write(latest.current); // whoever leaves within the rest loses nothing either
    },
    [],
  );

  return { draft, ready, change };
}

function restored(now: Draft, before: Kept | null, picture: KeptPicture | null): Draft {
  const { starter = null, ...rest } = before ?? {};
  return { ...now, ...rest, source: picture ? { kind: "file", ...picture } : starterNamed(starter) };
}

const starterNamed = (name: string | null): Source | null => (name ? { kind: "starter", name } : null);

async function write({ source, ...rest }: Draft): Promise<void> {
  const plain: Kept = { ...rest, starter: source?.kind === "starter" ? source.name : null };
  const picture = source?.kind === "file" ? { file: source.file, upload: source.upload } : null;
  await Promise.all([keep(NAME, plain), keepPicture(picture)]);
}

/** What is set up in the studio: kept in this browser, so that a reload or signing in loses nothing of it. */
import { useCallback, useEffect, useRef, useState } from "react";
import { type KeptFile, keep, keepPicture, kept, keptPicture } from "../../api/draft";
import type { Painting } from "../../ui/painting";
import type { Tuning } from "./suggestion";
import type { Medium } from "./types";

export type Brought = { kind: "file"; file: File; upload: string | null };
export type Source = { kind: "starter"; name: string } | Brought;

export interface Draft extends Tuning {
  /** Weights by the style's id; they count among more than one. */
  weights: Record<string, number>;
  /** The styles last chosen, for an address that names none. */
  styles: string[];
  engine: string | null;
  seed: number;
  /** What is made, while no style says it. */
  medium: Medium;
  /** The picture to start from. */
  source: Source | null;
  /** The voice or instrument to start from. */
  recording: Source | null;
  /** What the recording is put back over. */
  backing: Brought | null;
  /** dB by which the recording is louder than it was, over its backing. */
  fader: number;
  /** The part of the picture that is painted; null is all of it. */
  mask: Painting | null;
  /** Which style goes where; its layers are the styles' ids. */
  regions: Painting | null;
  /** A work that is repainted, and in which part. */
  repaint: { work: string; painting: Painting } | null;
}

type Kept = Omit<Draft, "source" | "recording" | "backing"> & { starter: string | null; sung: string | null };

const NAME = "studio";
const RECORDING = "recording";
const BACKING = "backing";
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
  medium: "picture",
  source: null,
  recording: null,
  backing: null,
  fader: 0,
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
    Promise.all([kept<Kept>(NAME), keptPicture(), kept<KeptFile>(RECORDING), kept<KeptFile>(BACKING)]).then(
      ([before, ...files]) => {
        if (gone) return;
        setDraft((now) => restored(now, before, files));
        setReady(true);
      },
    );
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

type Files = [picture: KeptFile | null, recording: KeptFile | null, backing: KeptFile | null];

function restored(now: Draft, before: Kept | null, [picture, recording, backing]: Files): Draft {
  const { starter = null, sung = null, ...rest } = before ?? {};
  return {
    ...now,
    ...rest,
    source: brought(picture) ?? starterNamed(starter),
    recording: brought(recording) ?? starterNamed(sung),
    backing: brought(backing),
  };
}

const brought = (file: KeptFile | null): Brought | null => file && { kind: "file", ...file };
const starterNamed = (name: string | null): Source | null => (name ? { kind: "starter", name } : null);

async function write({ source, recording, backing, ...rest }: Draft): Promise<void> {
  const plain: Kept = { ...rest, starter: nameOf(source), sung: nameOf(recording) };
  await Promise.all([
    keep(NAME, plain),
    keepPicture(fileOf(source)),
    keep(RECORDING, fileOf(recording)),
    keep(BACKING, fileOf(backing)),
  ]);
}

const nameOf = (source: Source | null) => (source?.kind === "starter" ? source.name : null);
const fileOf = (source: Source | null): KeptFile | null =>
  source?.kind === "file" ? { file: source.file, upload: source.upload } : null;

/** Pure: what a page knows about a work in progress, and how news changes it. */
export interface Beat {
  id: string;
  state: string;
  stage: string | null;
  step: number | null;
  of: number | null;
  ahead: number | null;
  eta_seconds: number | null;
  reason: string | null;
  beat: number;
}

const FINAL = new Set(["done", "failed", "cancelled"]);

export const ended = (beat: Pick<Beat, "state"> | null | undefined): boolean => FINAL.has(beat?.state ?? "");

/** The newer of two: the stream and the polling may overtake each other. An end is never taken back by older news. */
export function newer(known: Beat | null, news: Beat): Beat {
  if (!known || known.id !== news.id) return news;
  if (news.beat !== known.beat) return news.beat > known.beat ? news : known;
  return ended(known) ? known : news;
}

/** How far, from 0 to 1; null while nobody can say. */
export function fraction(beat: Beat | null): number | null {
  if (beat?.state === "done") return 1;
  if (beat?.state !== "running" || !beat.of || beat.step === null) return null;
  return Math.min(1, beat.step / beat.of);
}

/** One event of the stream; null if it is none of ours. */
export function readBeat(data: string): Beat | null {
  try {
    const beat: unknown = JSON.parse(data);
    return typeof beat === "object" && beat !== null && "state" in beat && "beat" in beat ? (beat as Beat) : null;
  } catch {
    return null;
  }
}

/** A sound made ready to be looked at and moved about in: its peaks, its length, and an address to play it from. */
import { useEffect, useState } from "react";
import { peaksOf } from "./peaks";

const RATE = 8000; // Hz: enough to see, and a sixth of the memory
const MOST_SECONDS = 480; // longer ones are played from their address, and drawn by their thumbnail
const MOST_BYTES = 96 << 20;

export interface Heard {
  /** To be played from; null while it is on its way. */
  src: string | null;
  peaks: Float32Array | null;
  /** Seconds; null until it is known. */
  duration: number | null;
  /** This browser cannot decode it. */
  failed: boolean;
}

const NOTHING: Heard = { src: null, peaks: null, duration: null, failed: false };

/** `from`: a file, or an address of this house; `seconds`: how long it is, if that is known. */
export function useSound(from: Blob | string | null, seconds: number | null): Heard {
  const [heard, setHeard] = useState<Heard>(NOTHING);
  useEffect(() => {
    setHeard(NOTHING);
    if (from === null) return;
    const stop = new AbortController();
    let url: string | null = null;
    const tell = (part: Partial<Heard>) => {
      if (!stop.signal.aborted) setHeard((now) => ({ ...now, ...part }));
    };
    async function hear(): Promise<void> {
      if (typeof from === "string" && (seconds ?? 0) > MOST_SECONDS) return tell({ src: from, duration: seconds });
      const blob = typeof from === "string" ? await bring(from, stop.signal) : from;
      if (stop.signal.aborted || !blob) return;
      url = URL.createObjectURL(blob); // one can move about in a file, whatever the server does
      tell({ src: url, duration: seconds });
      if (blob.size > MOST_BYTES) return;
      const decoded = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await blob.arrayBuffer());
      const channels = Array.from({ length: decoded.numberOfChannels }, (_, one) => decoded.getChannelData(one));
      tell({ peaks: peaksOf(channels), duration: decoded.duration });
    }
    hear().catch(() => tell({ failed: true }));
    return () => {
      stop.abort();
      if (url) URL.revokeObjectURL(url);
    };
  }, [from, seconds]);
  return heard;
}

async function bring(url: string, signal: AbortSignal): Promise<Blob> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`no sound: ${response.status}`);
  return response.blob();
}

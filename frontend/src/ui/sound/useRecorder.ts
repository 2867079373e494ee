/** The microphone: asked for only when someone presses the button, let go of as soon as the recording ends. */
import { useEffect, useRef, useState } from "react";
import { text } from "./strings";

export type Refusal = "denied" | "none" | "busy" | "unsupported";
export type Recording =
  | { at: "idle" }
  | { at: "asking" }
  | { at: "going"; seconds: number; level: number }
  | { at: "refused"; why: Refusal };

/** dB below full scale at which the meter begins; what is below sounds like nothing. */
const FLOOR = -60;
const LOOK = 66; // milliseconds between two looks at the level
const MOST = 1800; // seconds; the house takes no longer ones
const BITS = 192_000; // per second: speech and song lose nothing that is heard
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/webm"];
// What makes calls clearer makes singing worse: it gates breaths, and pumps.
const PLAIN = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

export function useRecorder(onDone: (file: File) => void) {
  const [state, setState] = useState<Recording>({ at: "idle" });
  const end = useRef<(() => void) | null>(null);
  const latest = useRef(onDone);
  latest.current = onDone;
  const gone = useRef(false);

  async function start(): Promise<void> {
    setState({ at: "asking" });
    try {
      const stream = await opened();
      if (gone.current) return release(stream);
      end.current = record(stream, (seconds, level) => setState({ at: "going", seconds, level }), finish);
    } catch (error) {
      setState({ at: "refused", why: reasonOf(error) });
    }
  }
  function finish(file: File | null): void {
    end.current = null;
    if (gone.current) return;
    setState(file ? { at: "idle" } : { at: "refused", why: "busy" });
    if (file) latest.current(file);
  }
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
      end.current?.();
    };
  }, []);
  return { state, start, stop: () => end.current?.() };
}

async function opened(): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia || typeof MediaRecorder === "undefined")
    throw new DOMException("no recorder", "NotSupportedError");
  return navigator.mediaDevices.getUserMedia({ audio: PLAIN });
}

const release = (stream: MediaStream) => {
  for (const track of stream.getTracks()) track.stop();
};

/** Records until the function that is given back is called; then the file comes, or null where nothing arrived. */
function record(
  stream: MediaStream,
  onLevel: (seconds: number, level: number) => void,
  onEnd: (f: File | null) => void,
) {
  const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
  const recorder = new MediaRecorder(stream, { audioBitsPerSecond: BITS, ...(mimeType && { mimeType }) });
  const pieces: Blob[] = [];
  const meter = meterOf(stream);
  const began = performance.now();
  const looks = setInterval(() => {
    const seconds = (performance.now() - began) / 1000;
    onLevel(seconds, meter.read());
    if (seconds >= MOST) stop();
  }, LOOK);
  const stop = () => recorder.state !== "inactive" && recorder.stop();
  recorder.ondataavailable = ({ data }) => data.size > 0 && pieces.push(data);
  recorder.onstop = () => {
    clearInterval(looks);
    meter.close();
    release(stream);
    onEnd(pieces.length > 0 ? named(pieces, recorder.mimeType) : null);
  };
  recorder.start();
  onLevel(0, 0);
  return stop;
}

function named(pieces: Blob[], mime: string): File {
  const type = mime.split(";")[0] ?? "audio/webm";
  const minute = new Date().toISOString().slice(0, 16).replace(/[-:]/g, "").replace("T", "-");
  return new File(pieces, `${text.recorder.name}-${minute}.${type.endsWith("mp4") ? "m4a" : "webm"}`, { type });
}

/** The loudest sample since a moment ago, as a part of the meter's height. */
function meterOf(stream: MediaStream) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 4096;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    read(): number {
      analyser.getFloatTimeDomainData(samples);
      return heightOf(samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0));
    },
    close: () => void context.close(),
  };
}

export function heightOf(peak: number): number {
  return peak <= 0 ? 0 : Math.max(0, Math.min(1, 1 - (20 * Math.log10(peak)) / FLOOR));
}

export type Loudness = keyof typeof text.recorder.levels;

/** In words: below 48 dB under full scale is nothing, the last decibel is too loud. */
export function loudnessOf(height: number): Loudness {
  if (height < 0.2) return "silent";
  if (height < 0.5) return "quiet";
  return height < 0.985 ? "good" : "loud";
}

function reasonOf(error: unknown): Refusal {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "none";
  return name === "NotSupportedError" ? "unsupported" : "busy";
}

/** Tracks of one length that are played together, one of them heard: what A/B needs, so that nothing jumps. */
import { useEffect, useRef, useState } from "react";
import type { Span } from "./peaks";

const APART = 0.04; // seconds by which two tracks may differ before the one that is switched to is put right
const STEP = 0.04; // seconds between two places that are shown

export interface Player {
  /** The track that is heard. */
  heard: number;
  at: number;
  playing: boolean;
  loop: Span | null;
  /** To be given to each track's `<audio>`. */
  audio: (track: number) => (element: HTMLAudioElement | null) => void;
  onEnded: () => void;
  toggle: () => void;
  seek: (seconds: number) => void;
  hear: (track: number) => void;
  setLoop: (loop: Span | null) => void;
}

/** `levels`: how loud each track is, so that none sounds better by being louder. */
export function usePlayer(levels: readonly (number | null)[]): Player {
  const elements = useRef(new Map<number, HTMLAudioElement>());
  const [heard, setHeard] = useState(0);
  const [at, setAt] = useState(0);
  const [playing, setPlaying] = useState(false);
  const [loop, setLoop] = useState<Span | null>(null);
  const all = () => [...elements.current.values()];
  const volumes = volumesOf(levels).join();

  useEffect(() => {
    const each = volumes.split(",").map(Number);
    for (const [track, element] of elements.current) {
      element.muted = track !== heard;
      element.volume = each[track] ?? 1;
    }
  }, [volumes, heard]);

  useEffect(() => {
    if (!playing) return;
    let frame = 0;
    const tick = () => {
      const now = elements.current.get(heard)?.currentTime ?? 0;
      if (loop && now >= loop.end) for (const one of elements.current.values()) one.currentTime = loop.begin;
      setAt((shown) => (Math.abs(now - shown) < STEP ? shown : now));
      frame = requestAnimationFrame(tick);
    };
    frame = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame);
  }, [playing, heard, loop]);

  function toggle(): void {
    setPlaying(!playing);
    if (playing) {
      for (const one of all()) one.pause();
      return;
    }
    for (const other of document.querySelectorAll("audio")) if (!all().includes(other)) other.pause();
    for (const one of all()) void one.play().catch(() => setPlaying(false));
  }
  function seek(seconds: number): void {
    for (const one of all()) one.currentTime = seconds;
    setAt(seconds);
  }
  function hear(track: number): void {
    const [now, next] = [elements.current.get(heard), elements.current.get(track)];
    if (now && next && Math.abs(now.currentTime - next.currentTime) > APART) next.currentTime = now.currentTime;
    setHeard(track);
  }
  function audio(track: number) {
    return (element: HTMLAudioElement | null) => {
      if (!element) return void elements.current.delete(track);
      elements.current.set(track, element);
      element.muted = track !== heard;
      element.onpause = () => track === heard && setPlaying(false); // another player began, say
    };
  }
  function change(next: Span | null): void {
    setLoop(next);
    if (next) seek(next.begin);
  }
  return { heard, at, playing, loop, audio, onEnded: () => setPlaying(false), toggle, seek, hear, setLoop: change };
}

/** Every track as loud as the quietest; all of them full while that is not known. */
export function volumesOf(levels: readonly (number | null)[]): number[] {
  if (levels.some((level) => !level)) return levels.map(() => 1);
  const quietest = Math.min(...levels.map(Number));
  return levels.map((level) => quietest / Number(level));
}

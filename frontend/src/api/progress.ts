/** How a work is coming on, live: by the event stream, by asking while the stream is down, and back when it returns. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Beat, ended, newer, readBeat } from "./beats";
import { api } from "./client";
import { asProblem, type Problem } from "./problem";

const ASK_EVERY = 2000; // milliseconds, while the stream is down
const ASK_ANYWAY = 20_000; // while it seems to be up: a laptop that slept has a stream that is silent for ever
const OPEN_AGAIN = 4000;

export type Link = "live" | "asking" | "away" | "ended";

export interface Progress {
  beat: Beat | null;
  /** live: by the stream; asking: the stream is down; away: the house does not answer; ended: nothing more comes. */
  link: Link;
  problem: Problem | null;
}

const NOTHING: Progress = { beat: null, link: "asking", problem: null };

/** Follows the work until it has ended, then reloads what pages know about it. `null` follows nothing. */
export function useProgress(workId: string | null): Progress {
  const [progress, setProgress] = useState<Progress>(NOTHING);
  const queries = useQueryClient();

  useEffect(() => {
    setProgress(NOTHING);
    if (!workId) return;
    return follow(workId, {
      onBeat: (news, link) =>
        setProgress(({ beat }) => {
          const now = newer(beat, news);
          return { beat: now, link: ended(now) ? "ended" : link, problem: null };
        }),
      onTrouble: (problem, final) => setProgress(({ beat }) => ({ beat, link: final ? "ended" : "away", problem })),
      onEnd: () => void queries.invalidateQueries({ predicate: ({ queryKey }) => mentions(queryKey, workId) }),
    });
  }, [workId, queries]);
  return progress;
}

/** Whether a query is of this work, or a list in which it may stand. */
function mentions(key: readonly unknown[], workId: string): boolean {
  return JSON.stringify(key).includes(workId) || key[1] === "/v1/works" || key[1] === "/v1/balances";
}

interface Hears {
  onBeat: (beat: Beat, link: Link) => void;
  onTrouble: (problem: Problem, final: boolean) => void;
  onEnd: () => void;
}

/** Without React. Gives the function that stops following. */
export function follow(workId: string, { onBeat, onTrouble, onEnd }: Hears): () => void {
  let source: EventSource | null = null;
  let asking: ReturnType<typeof setTimeout> | undefined;
  let opening: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const up = () => source?.readyState === EventSource.OPEN;

  function stop() {
    stopped = true;
    source?.close();
    clearTimeout(asking);
    clearTimeout(opening);
    window.removeEventListener("online", now);
    document.removeEventListener("visibilitychange", now);
  }

  function hear(beat: Beat, link: Link) {
    if (stopped) return;
    onBeat(beat, link);
    if (ended(beat)) {
      stop();
      onEnd();
    }
  }

  function open() {
    if (stopped) return;
    source?.close();
    source = new EventSource(`/v1/works/${workId}/events`);
    source.addEventListener("work", ({ data }) => {
      const beat = readBeat(String(data));
      if (beat) hear(beat, "live");
    });
    source.onerror = () => {
      schedule(0);
      // The browser opens a broken stream again by itself, with Last-Event-ID, unless an error status closed it.
      if (source?.readyState === EventSource.CLOSED) {
        clearTimeout(opening);
        opening = setTimeout(open, OPEN_AGAIN);
      }
    };
  }

  async function ask() {
    try {
      const { data } = await api.GET("/v1/works/{id}", { params: { path: { id: workId } } });
      if (data) hear(data, up() ? "live" : "asking");
    } catch (error) {
      trouble(asProblem(error));
    }
    schedule(up() ? ASK_ANYWAY : ASK_EVERY);
  }

  function trouble(problem: Problem) {
    const final = [401, 403, 404].includes(problem.status);
    if (final) stop();
    if (final || !up()) onTrouble(problem, final);
  }

  function schedule(wait: number) {
    clearTimeout(asking);
    if (!stopped) asking = setTimeout(ask, wait);
  }

  function now() {
    if (document.visibilityState === "visible") schedule(0);
  }

  window.addEventListener("online", now);
  document.addEventListener("visibilitychange", now);
  open();
  schedule(ASK_EVERY);
  return stop;
}

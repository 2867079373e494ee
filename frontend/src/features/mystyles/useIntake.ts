/** Files on their way into a style: sent at once, added when their titles are right; what was sent survives a reload. */
import { useCallback, useEffect, useRef, useState } from "react";
import { api } from "../../api/client";
import { asProblem, type Problem } from "../../api/problem";
import { send } from "../../api/upload";
import { read, write } from "./draft";
import { keepAsset } from "./own";
import { titlesOf } from "./titles";

const AT_ONCE = 2; // uploads side by side; more would only slow each other down

export interface Incoming {
  key: string;
  name: string;
  title: string;
  /** Null after a reload: the house has the bytes, the page does not. */
  file: File | null;
  upload: string | null;
  at: "queued" | "sending" | "ready" | "taking" | "failed";
  sent: number;
  total: number;
  problem: Problem | null;
}

type Sent = { upload: string; name: string; title: string };
const NO_ONES: { sent: Sent[] } = { sent: [] };

export function useIntake(style: string, known: number) {
  const draft = `intake:${style}`;
  const [items, setItems] = useState<Incoming[]>(() => read(draft, NO_ONES).sent.map(restored));
  const stops = useRef(new Map<string, AbortController>());
  const latest = useRef(items);
  latest.current = items;

  const change = useCallback((key: string, part: Partial<Incoming>) => {
    setItems((now) => now.map((item) => (item.key === key ? { ...item, ...part } : item)));
  }, []);

  const bring = useCallback(
    (files: File[]) => {
      const titles = titlesOf(
        files.map(({ name }) => name),
        known + latest.current.length,
      );
      setItems((now) => [...now, ...files.map((file, index) => arriving(file, titles[index] ?? file.name))]);
    },
    [known],
  );

  const transmit = useCallback(
    async (item: Incoming) => {
      if (!item.file) return;
      const stop = new AbortController();
      stops.current.set(item.key, stop);
      change(item.key, { at: "sending", problem: null });
      try {
        const onProgress = (now: { sent: number; total: number }) => change(item.key, now);
        change(item.key, { at: "ready", upload: await send(item.file, { signal: stop.signal, onProgress }) });
      } catch (error) {
        if (!stop.signal.aborted) change(item.key, { at: "failed", problem: asProblem(error) });
      } finally {
        stops.current.delete(item.key);
      }
    },
    [change],
  );

  const discard = useCallback((key: string) => {
    stops.current.get(key)?.abort();
    setItems((now) => now.filter((item) => item.key !== key));
  }, []);

  /** One after the other, for the house compares one work at a time. */
  const addAll = useCallback(async () => {
    for (const item of latest.current.filter(({ at, upload }) => at === "ready" && upload)) {
      change(item.key, { at: "taking", problem: null });
      try {
        await take(style, { ...item, ...latest.current.find(({ key }) => key === item.key) });
        discard(item.key);
      } catch (error) {
        change(item.key, { at: "failed", problem: asProblem(error) });
      }
    }
  }, [style, change, discard]);

  const retry = useCallback(
    (key: string) => {
      const item = latest.current.find((one) => one.key === key);
      if (item?.upload) change(key, { at: "ready", problem: null });
      else if (item) change(key, { at: "queued", problem: null });
    },
    [change],
  );

  useEffect(() => {
    const busy = items.filter(({ at }) => at === "sending").length;
    for (const item of items.filter(({ at }) => at === "queued").slice(0, Math.max(0, AT_ONCE - busy))) {
      void transmit(item);
    }
    const sent = items.flatMap(({ upload, name, title }) => (upload ? [{ upload, name, title }] : []));
    write(draft, { sent });
  }, [items, transmit, draft]);

  useEffect(() => {
    const running = stops.current;
    return () => {
      for (const stop of running.values()) stop.abort();
    };
  }, []);
  useWarning(items.some(({ at }) => at === "sending" || at === "queued" || at === "taking"));

  return { items, bring, change, discard, addAll, retry };
}

async function take(style: string, { upload, title, name }: Incoming): Promise<void> {
  const { data } = await api.POST("/v1/styles/{style}/assets", {
    params: { path: { style } },
    body: { upload: upload ?? "", title: title.trim() || name },
  });
  if (data) keepAsset(style, data);
}

function arriving(file: File, title: string): Incoming {
  const key = `${file.name}/${file.size}/${file.lastModified}/${Math.random()}`;
  return { key, name: file.name, title, file, upload: null, at: "queued", sent: 0, total: file.size, problem: null };
}

function restored({ upload, name, title }: Sent): Incoming {
  return { key: upload, name, title, file: null, upload, at: "ready", sent: 1, total: 1, problem: null };
}

/** The browser asks before it closes a page from which files are still being sent. */
function useWarning(on: boolean): void {
  useEffect(() => {
    if (!on) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [on]);
}

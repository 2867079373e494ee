/** Files to the house by tus 1.0: in pieces, going on where it stopped, also after the page was loaded again. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { DetailedError, Upload } from "tus-js-client";
import { asProblem, Problem } from "./problem";

const PIECE = 8 << 20; // bytes: what is lost at most when the connection breaks
const LEFT = "left"; // why an upload stops when its page goes: it can go on later
const WAITS = [0, 500, 1000, 2000, 4000, 8000, 15_000]; // milliseconds before each new try

export interface Sending {
  sent: number;
  total: number;
}

interface Options {
  onProgress?: (sending: Sending) => void;
  signal?: AbortSignal;
}

/** Sends the file and gives the upload's id. The same file chosen again goes on where it stopped. Throws Problem. */
export async function send(file: File, { onProgress, signal }: Options = {}): Promise<string> {
  const { Upload } = await import("tus-js-client");
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const upload: Upload = new Upload(file, {
    endpoint: "/v1/uploads",
    chunkSize: PIECE,
    retryDelays: WAITS,
    removeFingerprintOnSuccess: true,
    metadata: { filename: file.name, filetype: file.type },
    onProgress: (sent, total) => onProgress?.({ sent, total }),
    onSuccess: () => {
      signal?.removeEventListener("abort", stop); // what has arrived is kept, whoever leaves the page now
      resolve(upload.url?.split("/").pop() ?? "");
    },
    onError: (error) => reject(refusal(error)),
  });
  function stop() {
    const forget = signal?.reason !== LEFT;
    void upload.abort(forget).catch(() => undefined); // the house forgets it by itself after a while
    reject(new DOMException("stopped", "AbortError"));
  }
  signal?.addEventListener("abort", stop);
  const [before] = await upload.findPreviousUploads();
  if (before) upload.resumeFromPreviousUpload(before);
  if (signal?.aborted)
    stop(); // while the parts above were loading
  else upload.start();
  return promise;
}

function refusal(error: Error | DetailedError): Problem {
  const response = "originalResponse" in error ? error.originalResponse : null;
  if (!response) return Problem.unreachable();
  return Problem.read(response.getStatus(), response.getBody() ?? "", response.getHeader("Retry-After") ?? null);
}

export type UploadState =
  | { at: "idle" }
  | { at: "sending"; file: File; sent: number; total: number }
  | { at: "done"; file: File; id: string }
  | { at: "failed"; file: File; problem: Problem };

/** One upload of a page: `start` (resolves to the id, or null when stopped or failed), `retry`, `cancel`. */
export function useUpload() {
  const [state, setState] = useState<UploadState>({ at: "idle" });
  const running = useRef<AbortController | null>(null);

  const start = useCallback(async (file: File): Promise<string | null> => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    const tell = (next: UploadState) => running.current === controller && setState(next);
    tell({ at: "sending", file, sent: 0, total: file.size });
    try {
      const onProgress = (sending: Sending) => tell({ at: "sending", file, ...sending });
      const id = await send(file, { onProgress, signal: controller.signal });
      tell({ at: "done", file, id });
      return id;
    } catch (error) {
      if (!controller.signal.aborted) tell({ at: "failed", file, problem: asProblem(error) });
      return null;
    }
  }, []);

  const cancel = useCallback(() => {
    running.current?.abort();
    running.current = null;
    setState({ at: "idle" });
  }, []);

  const retry = useCallback(() => (state.at === "failed" ? start(state.file) : Promise.resolve(null)), [state, start]);

  useEffect(() => () => running.current?.abort(LEFT), []);
  return { state, start, cancel, retry };
}

/** A fetch that sends again what was not done: after 429 and 503 as Retry-After says, after a broken line if twice is once. */
import { seconds } from "./refused.ts";

export interface Retries {
  /** How often the same is sent again at most. */
  times: number;
  /** Seconds that one wait may take; a house that asks for more is believed, and its refusal passed on. */
  longest: number;
}

export const RETRIES: Retries = { times: 4, longest: 60 };
const SAFE = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);
const ASKING = /\/v1\/(verifications|licenses\/evaluate)(\/batch)?$/; // writes nothing, so it may be asked twice

type Fetch = (request: Request) => Promise<Response>;

/** `sleep` takes seconds. */
export function retrying(fetch: Fetch, retries: Retries, sleep: (s: number) => Promise<void> = pause): Fetch {
  return async (request) => {
    for (let tried = 0; tried < retries.times; tried++) {
      const found = await once(fetch, request, retries.longest, tried);
      if (found instanceof Response) return found;
      await sleep(found);
    }
    return fetch(request);
  };
}

/** An answer to be passed on, or the seconds to wait before the same is sent again. */
async function once(fetch: Fetch, request: Request, longest: number, tried: number): Promise<Response | number> {
  let response: Response;
  try {
    response = await fetch(request.clone());
  } catch (error) {
    if (request.signal.aborted || !repeatable(request)) throw error;
    return backoff(tried);
  }
  if (response.status !== 429 && response.status !== 503) return response;
  const wait = seconds(response.headers.get("retry-after")) ?? backoff(tried);
  if (wait > longest) return response;
  await response.body?.cancel();
  return wait;
}

/** Whether sending it twice does what sending it once does. */
export function repeatable(request: Request): boolean {
  if (SAFE.has(request.method) || request.headers.has("idempotency-key")) return true;
  return request.method === "POST" && ASKING.test(new URL(request.url).pathname);
}

function backoff(tried: number): number {
  return 0.5 * 2 ** tried * (0.5 + Math.random() / 2);
}

function pause(s: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, s * 1000));
}

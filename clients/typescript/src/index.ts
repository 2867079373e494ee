/**
 * A Homage house, as a platform asks it: is this use licensed?
 *
 * `house.api` has every address of the API, typed from its description; the methods here add what types cannot: files,
 * batches as streams, retries, refusals as exceptions, and signed verdicts that are checked.
 */
import createClient, { type Client } from "openapi-fetch";
import { type Refused, refusal, refusedBy } from "./refused.ts";
import { RETRIES, type Retries, retrying } from "./retrying.ts";
import type { components, paths } from "./schema.gen.ts";
import { checked, type Keys, KeyUnknown, type Signed } from "./verdicts.ts";

export * from "./refused.ts";
export { RETRIES, type Retries } from "./retrying.ts";
export type { components, paths } from "./schema.gen.ts";
export * from "./verdicts.ts";

export type Verdict = components["schemas"]["VerdictOut"];
export type Form = components["schemas"]["Body_verifications-verify-file"];

/** A question: about exactly one of a file, a number or a hash, and the use in mind. */
export type Question = Omit<Form, "file"> & { file?: Blob };

/** A line of a batch; `id` comes back with its answer. */
export interface Line {
  id: string;
  [member: string]: unknown;
}

/** The answer to a line: a verdict, or why there is none. `line` counts from 1 in what was asked. */
export interface Answer {
  id: string | null;
  line: number;
  verdict: Verdict | null;
  refused: Refused | null;
}

export interface Options {
  /** An API key; without one only what everybody may ask is answered. */
  key?: string;
  retries?: Partial<Retries>;
  fetch?: (request: Request) => Promise<Response>;
}

export class Homage {
  readonly url: string;
  readonly api: Client<paths>;
  readonly #fetch: (request: Request) => Promise<Response>;
  readonly #sandbox: boolean;
  readonly #headers: Record<string, string>;
  #keys: Keys | null = null;

  /** `url`: where the house is, as `https://house.example`. */
  constructor(url: string, options: Options = {}) {
    this.url = url.replace(/\/+$/, "");
    this.#sandbox = options.key?.startsWith("hmg_test_") ?? false;
    this.#headers = options.key === undefined ? {} : { authorization: `Bearer ${options.key}` };
    this.#fetch = retrying(options.fetch ?? ((request) => fetch(request)), { ...RETRIES, ...options.retries });
    this.api = createClient<paths>({ baseUrl: this.url, headers: this.#headers, fetch: this.#fetch });
    this.api.use({
      onResponse: async ({ response }) => {
        if (!response.ok) throw await refusal(response);
      },
    });
  }

  /** What a file, a work's number or a hash is, and whether the use is allowed. Throws `Refused`. */
  async verify(question: Question): Promise<Verdict> {
    const form = new FormData();
    for (const [name, value] of Object.entries(question)) {
      if (value !== undefined && value !== null) form.set(name, value instanceof Blob ? value : String(value));
    }
    return (await this.#sent("POST", "/v1/verifications", form)).json() as Promise<Verdict>;
  }

  /** The same for many, in their order; sent and read `at_once` lines at a time, so that memory stays small. */
  async *verifyBatch(lines: Iterable<Line> | AsyncIterable<Line>, atOnce = 500): AsyncGenerator<Answer> {
    let before = 0;
    for await (const some of parts(lines, atOnce)) {
      const body = new Blob(
        some.map((line) => `${JSON.stringify(line)}\n`),
        { type: NDJSON },
      );
      const response = await this.#sent("POST", "/v1/verifications/batch", body);
      for await (const line of linesOf(response)) yield answered(JSON.parse(line), before);
      before += some.length;
    }
  }

  /**
   * What a signed verdict says, if this house signed it and it still counts; those of the sandbox count with a sandbox key
   * only. Throws `NotSigned`.
   */
  async check(jws: string, at?: number | null): Promise<Signed> {
    try {
      return await checked(jws, await this.#published(false), at, this.#sandbox);
    } catch (error) {
      if (!(error instanceof KeyUnknown)) throw error;
      return checked(jws, await this.#published(true), at, this.#sandbox); // the keys were rotated since
    }
  }

  async #published(again: boolean): Promise<Keys> {
    if (this.#keys === null || again) {
      const response = await this.#sent("GET", "/.well-known/jwks.json", null, again ? "reload" : "default");
      this.#keys = (await response.json()) as Keys;
    }
    return this.#keys;
  }

  async #sent(method: string, path: string, body: BodyInit | null, cache: RequestCache = "default"): Promise<Response> {
    const response = await this.#fetch(new Request(this.url + path, { method, body, cache, headers: this.#headers }));
    if (!response.ok) throw await refusal(response);
    return response;
  }
}

const NDJSON = "application/x-ndjson";

interface Told {
  id: string | null;
  line: number;
  verdict: Verdict | null;
  problem: Refused["problem"] | null;
}

function answered({ id, line, verdict, problem }: Told, before: number): Answer {
  return { id, line: before + line, verdict, refused: problem && refusedBy(problem) };
}

async function* parts<T>(all: Iterable<T> | AsyncIterable<T>, most: number): AsyncGenerator<T[]> {
  let some: T[] = [];
  for await (const one of all) {
    some.push(one);
    if (some.length >= most) {
      yield some;
      some = [];
    }
  }
  if (some.length) yield some;
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
    const found = (rest + piece.value).split("\n");
    rest = found.pop() ?? "";
    for (const line of found) if (line.trim()) yield line;
  }
  if (rest.trim()) yield rest;
}

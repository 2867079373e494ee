/** What a house refuses, as an exception: a problem document (RFC 9457) with its members. */
import type { components } from "./schema.gen.ts";

export type Problem = components["schemas"]["Problem"];

/** One kind for each meaning that a caller can act on; `problem.type` says exactly what happened. */
export class Refused extends Error {
  readonly status: number;
  readonly problem: Problem;
  /** Seconds after which the same may be sent again, where the house says so. */
  readonly retryAfter: number | null;

  constructor(status: number, problem: Problem, retryAfter: number | null) {
    super([status || "", problem.title, problem.detail].join(" ").trim());
    this.name = new.target.name;
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

/** 400, 413, 422: send something else; `problem.errors` names each field that is wrong. */
export class Invalid extends Refused {}
/** 401: the key is missing, unknown or revoked. */
export class Unauthenticated extends Refused {}
/** 402: there is not enough credit. */
export class PaymentRequired extends Refused {}
/** 403: the key lacks a scope. */
export class Forbidden extends Refused {}
/** 404: no such thing, or not yours. */
export class NotFound extends Refused {}
/** 409: the present state does not admit it. */
export class Conflict extends Refused {}
/** 429: too often, even after the retries. */
export class TooMany extends Refused {}
/** 500 and above: the house cannot now, even after the retries. */
export class Unavailable extends Refused {}

const KINDS: Record<number, typeof Refused> = {
  400: Invalid,
  401: Unauthenticated,
  402: PaymentRequired,
  403: Forbidden,
  404: NotFound,
  409: Conflict,
  413: Invalid,
  422: Invalid,
  429: TooMany,
};

/** The exception that a problem is. */
export function refusedBy(problem: Problem, retryAfter: number | null = null): Refused {
  const status = problem.status ?? 0; // a line of a batch has none
  const kind = KINDS[status] ?? (status >= 500 ? Unavailable : Refused);
  return new kind(status, problem, retryAfter);
}

/** The exception that an answer is; one without a problem document is told by its first letters. */
export async function refusal(response: Response): Promise<Refused> {
  const text = await response.text();
  const retryAfter = seconds(response.headers.get("retry-after"));
  return refusedBy(read(text, response) ?? without(text, response), retryAfter);
}

/** `Retry-After` in seconds, given so or as a date; null for anything else. */
export function seconds(header: string | null, now: number = Date.now()): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000));
}

function read(text: string, response: Response): Problem | null {
  if (!response.headers.get("content-type")?.startsWith("application/problem+json")) return null;
  try {
    return JSON.parse(text) as Problem;
  } catch {
    return null;
  }
}

function without(text: string, response: Response): Problem {
  return {
    type: "about:blank",
    title: response.statusText || "The answer is no problem document.",
    status: response.status,
    detail: text.slice(0, 200),
    instance: new URL(response.url || "http://unknown/").pathname,
  };
}

/** A refusal of the API (RFC 9457), as an error that pages can show. */
export interface Fault {
  pointer: string;
  parameter: string;
  detail: string;
}

const KNOWN = new Set(["type", "title", "status", "detail", "instance", "errors"]);

export class Problem extends Error {
  /** The last part of the type, such as `not-enough-credit`: what pages decide by. */
  readonly code: string;

  constructor(
    readonly type: string,
    readonly title: string,
    readonly status: number,
    readonly detail: string,
    readonly facts: Record<string, unknown> = {},
    readonly errors: Fault[] = [],
    readonly retryAfter: number | null = null,
  ) {
    super(detail || title);
    this.name = "Problem";
    this.code = type.split("/").pop() ?? type;
  }

  static read(status: number, text: string, retryAfter: string | null = null): Problem {
    const wait = retryAfter && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
    const body = parse(text);
    if (!body) return new Problem("unreadable", "The house did not answer as it should.", status, "", {}, [], wait);
    const facts = Object.fromEntries(Object.entries(body).filter(([key]) => !KNOWN.has(key)));
    const errors = Array.isArray(body.errors) ? (body.errors as Fault[]) : [];
    return new Problem(word(body.type), word(body.title), status, word(body.detail), facts, errors, wait);
  }

  /** What is wrong with one field of the request, as a form shows it under the field. */
  fault(field: string): string | undefined {
    return this.errors.find(({ pointer }) => pointer === `#/${field}`)?.detail;
  }

  static async of(response: Response): Promise<Problem> {
    return Problem.read(response.status, await response.text(), response.headers.get("Retry-After"));
  }

  /** The house could not be reached at all. */
  static unreachable(): Problem {
    return new Problem("no-connection", "The house does not answer.", 0, "");
  }
}

/** How browsers say that a request, or a part of the page itself, did not come through. */
const CUT_OFF = /fetch|network|load failed|preload|importing a module/i;

/** Any thrown thing as a Problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Error && CUT_OFF.test(error.message)) return Problem.unreachable();
  return new Problem(
    "page-error",
    "This page made a mistake.",
    0,
    error instanceof Error ? error.message : String(error),
  );
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null && "type" in body ? (body as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

const word = (value: unknown): string => (typeof value === "string" ? value : "");

/** Where someone was going before they had to sign in; it outlives the trip to the mailbox. */
const KEY = "homage-next";

/** Only a path of ours is taken: an address from outside could lead anywhere. */
export function safeNext(next: unknown): string | undefined {
  return typeof next === "string" && /^\/(?![/\\])/.test(next) ? next : undefined;
}

export function remember(next: string | undefined): void {
  try {
    if (next) localStorage.setItem(KEY, next);
  } catch {
    // Without storage one starts at the welcome instead.
  }
}

export function recall(): string | undefined {
  try {
    const next = safeNext(localStorage.getItem(KEY));
    localStorage.removeItem(KEY);
    return next;
  } catch {
    return undefined;
  }
}

/** The token behind `#token=`, which no server's log has seen. */
export function tokenOf(hash: string): string {
  return new URLSearchParams(hash.replace(/^#/, "")).get("token") ?? "";
}

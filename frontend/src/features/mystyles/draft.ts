/** What was typed and not sent yet: kept for this tab, or for this browser, so that a reload or a pause loses nothing. */
import { useCallback, useState } from "react";

type Where = "tab" | "browser";
const PREFIX = "homage-draft:";

export function useDraft<T extends object>(name: string, initial: T, where: Where = "tab") {
  const [held, setHeld] = useState({ name, value: read(name, initial, where) });
  // Another style's page may reuse this component.
  const value = held.name === name ? held.value : read(name, initial, where);

  const change = useCallback(
    (part: Partial<T>) =>
      setHeld((now) => {
        const before = now.name === name ? now.value : read(name, {} as T, where);
        const next = { ...before, ...part };
        write(name, next, where);
        return { name, value: next };
      }),
    [name, where],
  );
  const clear = useCallback(() => {
    remove(name, where);
    setHeld({ name, value: initial });
  }, [name, where, initial]);
  return [value, change, clear] as const;
}

const store = (where: Where) => (where === "tab" ? sessionStorage : localStorage);

export function read<T extends object>(name: string, initial: T, where: Where = "tab"): T {
  try {
    const kept: unknown = JSON.parse(store(where).getItem(PREFIX + name) ?? "null");
    return typeof kept === "object" && kept !== null ? { ...initial, ...kept } : initial;
  } catch {
    return initial;
  }
}

export function write(name: string, value: object, where: Where = "tab"): void {
  try {
    store(where).setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Without storage it lasts as long as the page.
  }
}

export function remove(name: string, where: Where = "tab"): void {
  try {
    store(where).removeItem(PREFIX + name);
  } catch {
    // See above.
  }
}

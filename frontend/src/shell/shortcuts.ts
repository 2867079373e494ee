/** Keys that work without the mouse. A page adds its own with `useShortcut`; the help overlay lists all that are live. */
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { text } from "./strings";

export interface Shortcut {
  keys: string;
  does: string;
}

interface Live extends Shortcut {
  run: (event: KeyboardEvent) => void;
}

const OFF = "homage-single-keys-off";
let live: readonly Live[] = [];
const hearers = new Set<() => void>();

function change(next: readonly Live[]) {
  live = next;
  for (const hear of hearers) hear();
}

function subscribe(hear: () => void) {
  hearers.add(hear);
  return () => hearers.delete(hear);
}

export const useLiveShortcuts = (): readonly Shortcut[] => useSyncExternalStore(subscribe, () => live);

/** While the component is shown, `key` (as in KeyboardEvent.key) runs `run`; typing in a field never does. */
export function useShortcut(key: string, does: string, run: (event: KeyboardEvent) => void): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const one: Live = { keys: key, does, run: (event) => latest.current(event) };
    change([...live, one]);
    return () => change(live.filter((other) => other !== one));
  }, [key, does]);
}

export function singleKeys(): boolean {
  try {
    return localStorage.getItem(OFF) === null;
  } catch {
    return true;
  }
}

export function setSingleKeys(on: boolean): void {
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function hear(event: KeyboardEvent) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const single = event.key.length === 1;
  if (single && (typing(event.target) || !singleKeys())) return;
  if (single && document.querySelector("[aria-modal='true']")) return;
  // The innermost one that is shown wins.
  const found = live.findLast((one) => one.keys === event.key);
  if (!found) return;
  if (single) event.preventDefault();
  found.run(event);
}

/** `/`, `?` and Escape, on every page. */
export function useFrameShortcuts({ onHelp, onEscape }: { onHelp: () => void; onEscape: () => void }): void {
  const navigate = useNavigate();
  useEffect(() => {
    document.addEventListener("keydown", hear);
    return () => document.removeEventListener("keydown", hear);
  }, []);
  useShortcut("Escape", text.help.close, onEscape);
  useShortcut("?", text.help.help, onHelp);
  useShortcut("/", text.help.search, async () => {
    if (!focusSearch()) {
      await navigate({ to: "/" });
      requestAnimationFrame(focusSearch);
    }
  });
}

/** The page's search field is the one marked `data-search`. */
function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>("[data-search]");
  field?.focus();
  return field !== null;
}

import type { FormEvent } from "react";

/** The named text fields of a form that was sent. */
export function fields<Name extends string>(event: FormEvent<HTMLFormElement>, ...names: Name[]): Record<Name, string> {
  const form = new FormData(event.currentTarget);
  return Object.fromEntries(names.map((name) => [name, String(form.get(name) ?? "")])) as Record<Name, string>;
}

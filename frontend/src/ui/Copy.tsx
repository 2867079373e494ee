import { Button } from "@mantine/core";
import { useState } from "react";
import css from "./Copy.module.css";
import { text } from "./strings";

/** A line to take elsewhere. Works without the clipboard too: the text can be selected. */
export function Copy({ value, label, lines = false }: { value: string; label: string; lines?: boolean }) {
  const [said, setSaid] = useState<string>(text.copy.idle);
  async function copy() {
    try {
      await navigator.clipboard.writeText(value);
      setSaid(text.copy.done);
    } catch {
      setSaid(text.copy.failed);
    }
    setTimeout(() => setSaid(text.copy.idle), 2500);
  }
  return (
    <div className={css.copy}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={css.text} data-lines={lines} tabIndex={0} aria-label={label}>
        <code>{value}</code>
      </section>
      <Button variant="default" className={css.button} onClick={copy}>
        <span aria-live="polite">{said}</span>
      </Button>
    </div>
  );
}

import type { ReactNode } from "react";
import { format, percent } from "../../api/money";
import { clock } from "../../ui/sound/peaks";
import { When } from "../../ui/When";
import { text } from "./strings";
import type { Work } from "./types";
import css from "./WorkPage.module.css";

/** The plain facts, and with them what makes the same work again. */
export function Facts({ work }: { work: Work }) {
  const rows: [string, ReactNode][] = [
    [text.work.number, <code key="id">{work.id}</code>],
    [text.work.made, <When key="at" at={work.ended_at ?? work.created_at} withTime />],
    [text.work.engine, work.engine],
  ];
  if (work.width && work.height) rows.push([text.work.size, `${work.width} × ${work.height}`]);
  if (work.duration_ms) rows.push([text.work.lasts, clock(work.duration_ms / 1000, true)]);
  if (work.backing) rows.push([text.work.backing, text.work.backingWords]);
  if (work.kind === "work") rows.push([text.work.price, format(work.price)]);
  if (work.seed !== null) rows.push([text.work.seed, String(work.seed)]);
  for (const [name, value] of Object.entries(work.params)) rows.push([called(name), String(value)]);
  if (work.largest_copy_ppm !== null) rows.push([text.work.largest[work.medium], percent(work.largest_copy_ppm)]);
  return (
    <section className={css.part} aria-labelledby="facts">
      <h2 id="facts">{text.work.facts}</h2>
      <dl className={css.facts}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** `copy_cap` as `Copy cap`. */
function called(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

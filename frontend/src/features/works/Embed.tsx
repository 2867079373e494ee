import { Copy } from "../../ui/Copy";
import css from "./Keep.module.css";
import { text } from "./strings";
import type { Work } from "./types";

const said = text.embed;

/** What other sites put into their pages to show the work, and that it is licensed. */
export function Embed({ work: { id } }: { work: Work }) {
  const { origin } = window.location;
  const page = `${origin}/works/${id}`;
  const badge = `<a href="${origin}/verify?work=${id}"><img src="${origin}/badge/${id}.svg" alt="${said.alt}" height="20"></a>`;
  return (
    <details className={css.embed}>
      <summary>{said.title}</summary>
      <img src={`/badge/${id}.svg`} alt={said.alt} height={20} />
      <p>{said.badge}</p>
      <Copy value={badge} label={said.badge} lines />
      <p>{said.oembed}</p>
      <Copy value={`${origin}/v1/oembed?url=${encodeURIComponent(page)}`} label={said.oembedLabel} lines />
    </details>
  );
}

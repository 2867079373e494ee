import { format } from "../../api/money";
import type { TermsShown } from "../../ui/TermsCard";
import { live, type OwnStyle } from "./own";
import css from "./Publish.module.css";
import { text } from "./strings";

/** The style as it will hang among the others. */
export function FanCard({ style, terms }: { style: OwnStyle; terms: TermsShown | null }) {
  const works = live(style);
  return (
    <article className={css.card} aria-label={text.terms.shown}>
      <div className={css.strip}>
        {works.slice(0, 4).map((work) => (
          <img
            key={work.id}
            data-waveform={work.medium === "sound" || undefined}
            src={work.url}
            alt={work.title}
            width={work.width ?? undefined}
            height={work.height ?? undefined}
            loading="lazy"
          />
        ))}
      </div>
      <div className={css.words}>
        <p className={css.name}>{style.name}</p>
        {terms && (
          <p className={css.price}>
            {terms.price.amount === 0 ? text.terms.gratis : text.list.price(format(terms.price))}
          </p>
        )}
        <p className={css.by}>{style.creator.name}</p>
      </div>
    </article>
  );
}

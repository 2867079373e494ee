import { Link } from "@tanstack/react-router";
import { format } from "../../api/money";
import { PlayButton } from "../../ui/sound/PlayButton";
import { Uses } from "../../ui/TermsCard";
import { Mosaic } from "./Mosaic";
import css from "./StyleCard.module.css";
import { text } from "./strings";
import type { StyleCardData } from "./types";

/** A style at a glance; the whole card leads to its page. `note` stands above it, such as its rank. */
export function StyleCard({ style, note, eager = false }: { style: StyleCardData; note?: string; eager?: boolean }) {
  const { offer } = style;
  const heard = style.looks.find(({ excerpt }) => excerpt !== null);
  return (
    <article className={css.card}>
      <div className={css.looks}>
        <Mosaic looks={style.looks} eager={eager} />
        {heard?.excerpt && <PlayButton className={css.play} src={heard.excerpt} title={style.name} />}
      </div>
      <div className={css.words}>
        {note && <p className={css.note}>{note}</p>}
        <div className={css.top}>
          <h3 className={css.name}>
            <Link to="/styles/$id" params={{ id: style.id }} className={css.link}>
              {style.name}
            </Link>
          </h3>
          <p className={css.price}>
            <strong>{offer.price.amount === 0 ? text.card.free : format(offer.price)}</strong> {text.card.perWork}
          </p>
        </div>
        <p className={css.by}>
          {text.card.by} {style.creator.name}
          {style.works_made > 0 && ` · ${text.card.made(style.works_made)}`}
        </p>
        <div className={css.uses}>
          <Uses uses={offer.uses} />
        </div>
      </div>
    </article>
  );
}

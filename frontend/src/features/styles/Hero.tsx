import { Compare } from "../../ui/Compare";
import { RouteAnchor } from "../../ui/RouteAnchor";
import { RouteButton } from "../../ui/RouteButton";
import css from "./Hero.module.css";
import photograph from "./photograph.webp";
import { text } from "./strings";
import work from "./work.webp";

/** What this is, in one line and one pair of pictures. */
export function Hero() {
  return (
    <section className={css.hero}>
      <div className={css.words}>
        <h1 className={css.line}>{text.explore.line}</h1>
        <p className={css.lead}>{text.explore.words}</p>
        <RouteButton to="/studio" size="md">
          {text.explore.start}
        </RouteButton>
        <p className={css.artists}>
          {text.explore.artists} <RouteAnchor to="/my-styles">{text.explore.register}</RouteAnchor>
        </p>
      </div>
      <div className={css.pair}>
        <Compare before={photograph} after={work} alt={text.explore.pair} width={720} height={480} />
        <p className={css.credit}>{text.explore.credit}</p>
      </div>
    </section>
  );
}

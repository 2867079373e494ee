import css from "./Mosaic.module.css";
import { text } from "./strings";
import type { Look } from "./types";

const MOST = 6;

/** Up to six works of a style as one picture. */
export function Mosaic({ looks, eager = false }: { looks: readonly Look[]; eager?: boolean }) {
  const shown = looks.slice(0, MOST);
  if (shown.length === 0) return <div className={css.none}>{text.card.noLooks}</div>;
  return (
    <div
      className={css.mosaic}
      data-count={shown.length}
      role="img"
      aria-label={text.card.looks(shown.map(({ title }) => title).join(", "))}
    >
      {shown.map(({ asset, url, width, height }) => (
        <img key={asset} src={url} alt="" width={width} height={height} loading={eager ? "eager" : "lazy"} />
      ))}
    </div>
  );
}

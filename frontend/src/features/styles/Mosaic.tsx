import css from "./Mosaic.module.css";
import { text } from "./strings";
import type { Look } from "./types";

const MOST = 6;
const MOST_HEARD = 2; // waveforms, one above the other

/** Up to six works of a style as one picture; of recordings, two waveforms. */
export function Mosaic({ looks, eager = false }: { looks: readonly Look[]; eager?: boolean }) {
  const shown = looks.slice(0, looks[0]?.duration_ms ? MOST_HEARD : MOST);
  if (shown.length === 0) return <div className={css.none}>{text.card.noLooks}</div>;
  return (
    <div
      className={css.mosaic}
      data-count={shown.length}
      data-heard={shown[0]?.duration_ms != null}
      role="img"
      aria-label={(shown[0]?.duration_ms ? text.card.looksHeard : text.card.looks)(
        shown.map(({ title }) => title).join(", "),
      )}
    >
      {shown.map(({ asset, url, width, height, duration_ms }) => (
        <img
          key={asset}
          data-waveform={duration_ms ? true : undefined}
          src={url}
          alt=""
          width={width ?? undefined}
          height={height ?? undefined}
          loading={eager ? "eager" : "lazy"}
        />
      ))}
    </div>
  );
}

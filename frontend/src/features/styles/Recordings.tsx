import { PlayButton } from "../../ui/sound/PlayButton";
import { clock } from "../../ui/sound/peaks";
import css from "./Recordings.module.css";
import { text } from "./strings";
import type { Style } from "./types";

/** The style's recordings, a passage of each to be heard. */
export function Recordings({ works }: { works: Style["assets"] }) {
  return (
    <ul className={css.list}>
      {works.map(({ id, title, url, excerpt, duration_ms }) => (
        <li key={id}>
          {excerpt && <PlayButton src={excerpt} title={title} />}
          <div className={css.words}>
            <strong>{title}</strong>
            <span className={css.fine}>{text.style.recording(clock((duration_ms ?? 0) / 1000))}</span>
          </div>
          <img data-waveform src={url} alt="" loading="lazy" width={512} height={192} />
        </li>
      ))}
    </ul>
  );
}

import { type SyntheticEvent, useState } from "react";
import { useObjectUrl } from "../../ui/file";
import css from "./Part.module.css";
import { type Box, clock, partOf, type Span } from "./part";
import { text } from "./strings";
import page from "./Verify.module.css";
import type { Verdict } from "./verdict";

type Evidence = Verdict["evidence"][number];

/** Which part of the file the work was found in, and which part of the work that is: shown, where it is not all of it. */
export function Part({ evidence, file }: { evidence: Evidence; file: File | null }) {
  const part = partOf(evidence);
  const url = useObjectUrl(file);
  if (!part) return null;
  if (part.kind === "sound") {
    const { here, there } = part;
    return (
      <figure className={css.part}>
        {url && <Bar span={here} src={url} />}
        <figcaption className={page.detail}>
          {text.heard(clock(here.begin), clock(here.end), clock(there.begin), clock(there.end))}
        </figcaption>
      </figure>
    );
  }
  return (
    <figure className={css.part}>
      <span className={css.frames}>
        <Frame box={part.here} name={text.theFile} label={text.inFile} src={url} />
        {!part.wholeWork && <Frame box={part.there} name={text.theWork} label={text.inWork} src={null} />}
      </span>
      <figcaption className={page.detail}>
        {part.wholeWork ? text.shownWhole(part.ofFile) : text.shown(part.ofFile, part.ofWork)}
      </figcaption>
    </figure>
  );
}

/** A picture, or a blank sheet where there is none or the browser cannot read it, with the part outlined. */
function Frame({ box, name, label, src }: { box: Box; name: string; label: string; src: string | null }) {
  const [unread, setUnread] = useState<string | null>(null);
  return (
    <span className={css.pane}>
      <span className={css.frame}>
        {src && src !== unread ? (
          <img src={src} alt="" onError={() => setUnread(src)} />
        ) : (
          <span className={css.sheet} />
        )}
        <span
          className={css.outline}
          role="img"
          aria-label={label}
          style={{
            left: percent(box.left),
            top: percent(box.top),
            width: percent(box.right - box.left),
            height: percent(box.bottom - box.top),
          }}
        />
      </span>
      <span className={page.detail} aria-hidden="true">
        {name}
      </span>
    </span>
  );
}

/** The whole recording as a bar, with the part marked; nothing where the browser cannot tell how long it is. */
function Bar({ span, src }: { span: Span; src: string }) {
  const [seconds, setSeconds] = useState(0);
  const measured = (event: SyntheticEvent<HTMLAudioElement>) => setSeconds(event.currentTarget.duration);
  return (
    <>
      {/* biome-ignore lint/a11y/useMediaCaption: it is never played, only measured */}
      <audio src={src} preload="metadata" onLoadedMetadata={measured} hidden />
      {seconds > 0 && Number.isFinite(seconds) && (
        <span className={css.bar} role="img" aria-label={text.inFile}>
          <span
            style={{
              left: percent(Math.min(1, span.begin / seconds)),
              width: percent(Math.min(1, span.end / seconds) - Math.min(1, span.begin / seconds)),
            }}
          />
        </span>
      )}
    </>
  );
}

const percent = (value: number) => `${100 * value}%`;

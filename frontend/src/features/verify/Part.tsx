import { useEffect, useState } from "react";
import { type Box, clock, partOf } from "./part";
import { text } from "./strings";
import css from "./Verify.module.css";
import type { Verdict } from "./verdict";

type Evidence = Verdict["evidence"][number];

/** Which part of the file the work was found in, and which part of the work that is: shown, where it is not all of it. */
export function Part({ evidence, file }: { evidence: Evidence; file: File | null }) {
  const part = partOf(evidence);
  if (!part) return null;
  if (part.kind === "sound") {
    const { here, there } = part;
    return (
      <p className={css.detail}>
        {text.heard(clock(here.begin), clock(here.end), clock(there.begin), clock(there.end))}
      </p>
    );
  }
  return (
    <figure className={css.part}>
      <span className={css.frames}>
        {file && <Frame box={part.here} label={text.inFile} src={file} />}
        <Frame box={part.there} label={text.inWork} />
      </span>
      <figcaption className={css.detail}>{text.shown(part.ofFile, part.ofWork)}</figcaption>
    </figure>
  );
}

/** A picture, or a blank sheet, with the part outlined. */
function Frame({ box, label, src }: { box: Box; label: string; src?: File }) {
  const url = useObjectUrl(src);
  const percent = (value: number) => `${100 * value}%`;
  return (
    <span className={css.frame}>
      {url ? <img src={url} alt="" /> : <span className={css.sheet} />}
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
  );
}

function useObjectUrl(file: File | undefined): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!file) return;
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return url;
}

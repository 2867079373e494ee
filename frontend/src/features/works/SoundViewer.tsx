import { Player, ProvenanceLane } from "../../ui/sound/lazy";
import { WorkNotes } from "../../ui/WorkNotes";
import { Acts } from "./Acts";
import { text } from "./strings";
import type { Provenance, Work } from "./types";
import css from "./WorkPage.module.css";
import { artistsOf, stylesOf } from "./words";

const NONE: Provenance["contributions"] = []; // known yet

/** A finished sound: to hear beside the recording it was made from, and whose moments are where. */
export function SoundViewer({ work, record }: { work: Work; record: Provenance | undefined }) {
  const heard = {
    name: text.work.alt.sound(stylesOf(work), artistsOf(work)),
    track: { label: text.work.views.result, from: work.file },
    // A preview is an excerpt, which runs beside nothing.
    other: work.source && work.kind === "work" ? { label: text.work.views.before, from: work.source } : null,
    seconds: work.duration_ms && work.duration_ms / 1000,
    picture: work.thumbnail,
  };
  return (
    <div className={css.viewer}>
      <div className={css.tools}>
        <Acts work={work} />
      </div>
      {work.overlay ? (
        <ProvenanceLane {...heard} overlay={work.overlay} contributions={record?.contributions ?? NONE} />
      ) : (
        <Player {...heard} />
      )}
      {work.overlay && record && (
        <p className={css.words}>{record.exact ? text.sources.exact.sound : text.sources.estimate(record.method)}</p>
      )}
      <WorkNotes notes={work.notes} />
    </div>
  );
}

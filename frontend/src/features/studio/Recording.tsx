import { Button } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { $api } from "../../api/client";
import { Drop } from "../../ui/Drop";
import { size } from "../../ui/file";
import { Player, Recorder } from "../../ui/sound/lazy";
import { Backing } from "./Backing";
import picture from "./Picture.module.css";
import css from "./Recording.module.css";
import { Sending } from "./Sending";
import type { Upload } from "./Stage";
import { text } from "./strings";
import type { Starter } from "./types";
import type { Draft, Source } from "./useDraft";

interface Props {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  /** The engine can do without one. */
  optional: boolean;
  upload: Upload;
  backingUpload: Upload;
}

/** What a sound starts from: recorded here, one's own file, or the house's; and what it is put back over. */
export default function Recording({ draft, change, optional, upload, backingUpload }: Props) {
  const { data } = $api.useQuery("get", "/v1/starters", {}, { staleTime: Number.POSITIVE_INFINITY });
  const starters = data?.filter(({ medium }) => medium === "sound") ?? [];
  const { recording } = draft;
  const [fresh, setFresh] = useState<File | null>(null);
  const choose = (source: Source | null) => change({ recording: source });
  const record = (file: File) => {
    setFresh(file);
    choose({ kind: "file", file, upload: null });
  };
  return (
    <section aria-labelledby="recording" className={css.recording}>
      <h2 id="recording" className="unseen">
        {text.recording.title}
      </h2>
      {recording ? (
        <Chosen
          source={recording}
          fresh={recording.kind === "file" && recording.file === fresh}
          starters={starters}
          onChange={choose}
          onRecorded={record}
        />
      ) : (
        <>
          <div className={css.record}>
            <Recorder onRecorded={record} />
          </div>
          <Drop
            kind="sound"
            onFile={(file) => choose({ kind: "file", file, upload: null })}
            label={text.recording.drop}
            hint={text.recording.hint}
          >
            <Starters starters={starters} onChoose={(name) => choose({ kind: "starter", name })} />
            {optional && <p className={picture.fine}>{text.recording.alone}</p>}
          </Drop>
        </>
      )}
      <Sending what={text.recording.title} sending={upload.state} onStop={() => choose(null)} onRetry={upload.retry} />
      {recording && <Backing draft={draft} change={change} upload={backingUpload} />}
    </section>
  );
}

function Starters({ starters, onChoose }: { starters: Starter[]; onChoose: (name: string) => void }) {
  if (starters.length === 0) return null;
  return (
    <>
      <p className={picture.fine}>{text.recording.starters}</p>
      {starters.map(({ name, title }) => (
        <Button key={name} variant="default" onClick={() => onChoose(name)}>
          {title}
        </Button>
      ))}
    </>
  );
}

interface ChosenProps {
  source: Source;
  /** It was recorded just now. */
  fresh: boolean;
  starters: Starter[];
  onRecorded: (file: File) => void;
  onChange: (source: Source | null) => void;
}

/** Listened to before anything is made of it; another take of it may be recorded at once. */
function Chosen({ source, fresh, starters, onChange, onRecorded }: ChosenProps) {
  const said = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (fresh) said.current?.focus(); // the button that ended the recording is gone
  }, [fresh]);
  const starter = source.kind === "starter" ? starters.find(({ name }) => name === source.name) : undefined;
  const name = source.kind === "file" ? source.file.name : (starter?.title ?? text.recording.picked);
  const from = source.kind === "file" ? source.file : (starter?.url ?? null);
  return (
    <div className={css.chosen}>
      <p className={css.name} ref={said} tabIndex={-1}>
        {fresh && <span className={picture.fine}>{text.recording.recorded} </span>}
        {name}
        {source.kind === "file" && <span className={picture.fine}> · {size(source.file.size)}</span>}
      </p>
      <Player
        name={text.recording.title}
        track={{ label: text.recording.title, from }}
        seconds={starter?.duration_ms ? starter.duration_ms / 1000 : null}
      />
      <div className={css.acts}>
        {source.kind === "file" && <Recorder again onRecorded={onRecorded} />}
        {starter && <span className={picture.fine}>{text.recording.credit(starter.credit)}</span>}
        <Button variant="default" onClick={() => onChange(null)}>
          {text.recording.other}
        </Button>
      </div>
    </div>
  );
}

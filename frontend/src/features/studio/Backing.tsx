import { Button, Slider } from "@mantine/core";
import "@mantine/core/styles/Slider.layer.css";
import { IconPlus } from "@tabler/icons-react";
import { useId, useState } from "react";
import { Drop } from "../../ui/Drop";
import { size } from "../../ui/file";
import { Player } from "../../ui/sound/lazy";
import fields from "./Controls.module.css";
import picture from "./Picture.module.css";
import css from "./Recording.module.css";
import { Sending } from "./Sending";
import type { Upload } from "./Stage";
import { text } from "./strings";
import type { Draft } from "./useDraft";

const LOUDEST = 24; // dB either way
const STEP = 0.5;

interface Props {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  upload: Upload;
}

/** The rest of the song as a stem of its own, and how loud the voice is over it. */
export function Backing({ draft: { backing, fader }, change, upload }: Props) {
  const [open, setOpen] = useState(false);
  const drop = () => {
    setOpen(false);
    change({ backing: null, fader: 0 });
  };
  if (!backing && !open)
    return (
      <Button
        variant="default"
        size="sm"
        className={css.add}
        leftSection={<IconPlus size={16} aria-hidden="true" />}
        onClick={() => setOpen(true)}
      >
        {text.backing.add}
      </Button>
    );
  return (
    <section className={css.chosen} aria-labelledby="backing">
      <div className={css.acts}>
        <h3 id="backing">{text.backing.title}</h3>
        <Button variant="subtle" size="sm" onClick={drop}>
          {backing ? text.backing.remove : text.backing.close}
        </Button>
      </div>
      {backing ? (
        <>
          <p className={css.name}>
            {backing.file.name}
            <span className={picture.fine}> · {size(backing.file.size)}</span>
          </p>
          <Player
            name={text.backing.title}
            track={{ label: text.backing.title, from: backing.file }}
            seconds={null}
            keys={false}
          />
          <Fader value={fader} onChange={(value) => change({ fader: value })} />
        </>
      ) : (
        <>
          <p className={picture.fine}>{text.backing.words}</p>
          <Drop
            kind="sound"
            paste={false}
            label={text.backing.drop}
            hint={text.recording.hint}
            onFile={(file) => change({ backing: { kind: "file", file, upload: null } })}
          />
        </>
      )}
      <Sending what={text.backing.title} sending={upload.state} onStop={drop} onRetry={upload.retry} />
    </section>
  );
}

function Fader({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  const id = useId();
  return (
    <div>
      <div className={fields.line}>
        <span id={id} className={fields.label}>
          {text.backing.fader}
        </span>
        <output className={fields.value}>{text.backing.decibels(value)}</output>
      </div>
      <Slider
        aria-labelledby={id}
        thumbProps={{ "aria-labelledby": id }}
        label={null}
        thumbSize={24}
        min={-LOUDEST}
        max={LOUDEST}
        step={STEP}
        value={value}
        onChange={onChange}
      />
    </div>
  );
}

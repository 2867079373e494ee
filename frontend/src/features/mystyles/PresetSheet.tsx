import { Button, Loader, NativeSelect, Text, Title } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useState } from "react";
import { fraction } from "../../api/beats";
import { $api } from "../../api/client";
import { Drop } from "../../ui/Drop";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { stageInWords } from "../../ui/progressWords";
import { sentence } from "../../ui/sentence";
import { PlayButton } from "../../ui/sound/PlayButton";
import { live, type Medium, type OwnStyle } from "./own";
import css from "./Presets.module.css";
import { presets as said } from "./strings.presets";
import { type Sample, usePresets, useSamples } from "./useSamples";

const UPLOAD = ""; // the choice of a picture of one's own among the house's

/** With which settings fans begin in this style, chosen from a sheet of samples. */
export default function PresetSheet({ style, engine }: { style: OwnStyle; engine: string }) {
  const presets = usePresets(style.id, engine);
  const { samples, make, making, error } = useSamples(style.id, engine);
  const there = samples.filter(({ work }) => work?.state === "done").length;
  const now = presets.chosen;
  return (
    <section className={css.presets} aria-labelledby="presets">
      <Title order={2} size="h3" id="presets">
        {said.title}
      </Title>
      <Text size="sm" c="dimmed">
        {said.words}
      </Text>
      <div className={css.now}>
        <span role="status">{now?.name ? said.now(now.title ?? said.own) : said.none}</span>
        {now?.name && (
          <Button variant="subtle" size="compact-sm" onClick={presets.takeBack} disabled={presets.busy}>
            {said.takeBack}
          </Button>
        )}
      </div>
      <ProblemAlert error={presets.error} />
      {live(style).length === 0 ? (
        <Text size="sm">{said.first}</Text>
      ) : (
        <Ask medium={style.medium} onMake={make} making={making} again={samples.length > 0} />
      )}
      <ProblemAlert error={error} advice={said.problems} />
      {samples.length > 0 && (
        <>
          <p className={css.fine} role="status">
            {there < samples.length ? said.coming(there, samples.length) : said.ready}
          </p>
          <ul className={css.grid}>
            {samples.map((sample) => (
              <li key={sample.preset.name}>
                <One
                  sample={sample}
                  chosen={sample.preset.name === now?.name}
                  busy={presets.busy}
                  onChoose={() => presets.choose(sample.preset.name)}
                />
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

interface AskProps {
  medium: Medium;
  onMake: (picture: string | File) => void;
  making: boolean;
  again: boolean;
}

/** The picture that the samples are made of: one of the house's, or one's own. */
function Ask({ medium, onMake, making, again }: AskProps) {
  const { data } = $api.useQuery("get", "/v1/starters", {}, { staleTime: Number.POSITIVE_INFINITY });
  const starters = data?.filter((one) => one.medium === medium) ?? [];
  const [picked, setPicked] = useState<string | null>(null);
  const [file, setFile] = useState<File | null>(null);
  const starter = picked ?? starters[0]?.name ?? UPLOAD;
  const picture = starter === UPLOAD ? file : `starter:${starter}`;
  return (
    <div className={css.ask}>
      <div className={css.line}>
        <NativeSelect
          label={said.on}
          value={starter}
          data={[
            ...starters.map(({ name, title }) => ({ value: name, label: title })),
            { value: UPLOAD, label: said.upload[medium] },
          ]}
          onChange={(event) => setPicked(event.currentTarget.value)}
        />
        <Button
          variant={again ? "default" : "filled"}
          disabled={picture === null}
          loading={making}
          onClick={() => picture && onMake(picture)}
        >
          {again ? said.again : said.make}
        </Button>
      </div>
      {starter === UPLOAD && (
        <Drop
          kind={medium}
          file={file}
          onFile={setFile}
          onRemove={() => setFile(null)}
          label={said.drop[medium]}
          paste={false}
        />
      )}
    </div>
  );
}

interface OneProps {
  sample: Sample;
  chosen: boolean;
  busy: boolean;
  onChoose: () => void;
}

function One({ sample: { preset, work, error }, chosen, busy, onChoose }: OneProps) {
  return (
    <figure className={css.sample} data-chosen={chosen}>
      {work?.file ? (
        <img
          data-waveform={work.medium === "sound" || undefined}
          src={work.medium === "sound" ? (work.thumbnail ?? "") : work.file}
          alt={said.alt(preset.title)}
          width={work.width ?? 1}
          height={work.height ?? 1}
        />
      ) : (
        <div className={css.blank}>{error ? said.gone : <Going work={work} />}</div>
      )}
      <figcaption>
        <strong>{preset.title}</strong>
        {work?.file && work.medium === "sound" && <PlayButton src={work.file} title={preset.title} />}
        <Button
          fullWidth
          size="sm"
          variant={chosen ? "filled" : "default"}
          aria-pressed={chosen}
          disabled={busy}
          leftSection={chosen && <IconCheck size={16} aria-hidden="true" />}
          onClick={onChoose}
        >
          {chosen ? said.chosen : said.choose}
          <span className="unseen"> {preset.title}</span>
        </Button>
      </figcaption>
    </figure>
  );
}

function Going({ work }: Pick<Sample, "work">) {
  if (work?.state === "failed" || work?.state === "cancelled") return sentence(work.reason ?? said.failed);
  const part = work ? fraction(work) : null;
  return (
    <>
      <Loader size="sm" />
      {work && (
        <span>
          {stageInWords(work.stage)}
          {part !== null && ` · ${Math.floor(part * 100)} %`}
        </span>
      )}
    </>
  );
}

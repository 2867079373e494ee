import { Button } from "@mantine/core";
import { $api } from "../../api/client";
import type { UploadState } from "../../api/upload";
import { Drop } from "../../ui/Drop";
import css from "./Picture.module.css";
import { Sending } from "./Sending";
import { text } from "./strings";
import type { Starter } from "./types";
import type { Source } from "./useDraft";

interface Props {
  source: Source | null;
  onSource: (source: Source | null) => void;
  /** The engine can do without one. */
  optional: boolean;
  sending: UploadState;
  onStop: () => void;
  onRetry: () => void;
}

/** What the work starts from: one's own file, or a picture of the house. */
export function Picture({ source, onSource, optional, sending, onStop, onRetry }: Props) {
  const { data } = $api.useQuery("get", "/v1/starters", {}, { staleTime: Number.POSITIVE_INFINITY });
  const starters = data?.filter(({ medium }) => medium === "picture") ?? [];
  const starter = source?.kind === "starter" ? starters.find(({ name }) => name === source.name) : undefined;
  const take = (file: File) => onSource({ kind: "file", file, upload: null });
  return (
    <section aria-labelledby="picture">
      <h2 id="picture" className="unseen">
        {text.picture.title}
      </h2>
      {starter ? (
        <Chosen starter={starter} onRemove={() => onSource(null)} />
      ) : (
        <Drop
          file={source?.kind === "file" ? source.file : null}
          onFile={take}
          onRemove={() => onSource(null)}
          label={text.picture.drop}
        >
          <Starters starters={starters} onChoose={(name) => onSource({ kind: "starter", name })} />
          {optional && <p className={css.fine}>{text.picture.alone}</p>}
        </Drop>
      )}
      <Sending what={text.picture.title} sending={sending} onStop={onStop} onRetry={onRetry} />
    </section>
  );
}

function Starters({ starters, onChoose }: { starters: Starter[]; onChoose: (name: string) => void }) {
  if (starters.length === 0) return null;
  return (
    <>
      <p className={css.fine}>{text.picture.starters}</p>
      <ul className={css.starters}>
        {starters.map(({ name, title, url, width, height }) => (
          <li key={name}>
            <button type="button" onClick={() => onChoose(name)}>
              <img src={url} alt="" width={width ?? undefined} height={height ?? undefined} />
              <span>{title}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Chosen({ starter, onRemove }: { starter: Starter; onRemove: () => void }) {
  return (
    <figure className={css.chosen}>
      <img
        src={starter.url}
        alt={starter.title}
        width={starter.width ?? undefined}
        height={starter.height ?? undefined}
      />
      <figcaption>
        <span className={css.fine}>{text.picture.credit(starter.credit)}</span>
        <Button variant="default" size="sm" onClick={onRemove}>
          {text.picture.other}
        </Button>
      </figcaption>
    </figure>
  );
}

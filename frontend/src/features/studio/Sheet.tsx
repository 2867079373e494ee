import { Button, Loader } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { ended, fraction } from "../../api/beats";
import { $api } from "../../api/client";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { stageInWords } from "../../ui/progressWords";
import { sentence } from "../../ui/sentence";
import { PlayButton } from "../../ui/sound/PlayButton";
import { WorkNotes } from "../../ui/WorkNotes";
import css from "./Sheet.module.css";
import { text } from "./strings";
import type { Work } from "./types";

const LOOK_AGAIN = 1000; // milliseconds, while one is in the making; four event streams would use up the browser's connections

interface Props {
  ids: string[];
  seed: number;
  onChoose: (work: Work) => void;
  onOpen: (id: string) => void;
  onClose: () => void;
}

/** Takes with several seeds beside each other, as they come in; one is chosen to go on with. */
export function Sheet({ ids, seed, onChoose, onOpen, onClose }: Props) {
  const found = useQueries({
    queries: ids.map((id) => ({
      ...$api.queryOptions("get", "/v1/works/{id}", { params: { path: { id } } }),
      refetchInterval: ({ state }: { state: { data?: Work; error: unknown } }) =>
        state.error || ended(state.data) ? false : (LOOK_AGAIN as number | false),
    })),
  });
  const there = found.filter(({ data }) => data?.state === "done").length;
  return (
    <section className={css.sheet} aria-labelledby="sheet">
      <div className={css.head}>
        <h2 id="sheet">{text.sheet.title}</h2>
        <Button variant="default" size="sm" onClick={onClose}>
          {text.sheet.close}
        </Button>
      </div>
      <p className={css.words} role="status">
        {there < ids.length ? text.sheet.coming(there, ids.length) : text.sheet.ready}
      </p>
      <ol className={css.grid}>
        {found.map(({ data, error }, index) => (
          <li key={ids[index]}>
            {data ? (
              <One
                work={data}
                number={index + 1}
                chosen={data.seed === seed}
                onChoose={() => onChoose(data)}
                onOpen={() => onOpen(data.id)}
              />
            ) : error ? (
              <ProblemAlert error={error} advice={{ "not-found": { what: text.take.gone } }} />
            ) : (
              <div className={css.blank}>
                <Loader size="sm" />
              </div>
            )}
          </li>
        ))}
      </ol>
      <WorkNotes notes={[...new Set(found.flatMap(({ data }) => data?.notes ?? []))]} />
    </section>
  );
}

interface OneProps {
  work: Work;
  number: number;
  chosen: boolean;
  onChoose: () => void;
  onOpen: () => void;
}

function One({ work, number, chosen, onChoose, onOpen }: OneProps) {
  if (!work.file) return <Blank work={work} />;
  return (
    <>
      <button type="button" className={css.take} aria-pressed={chosen} onClick={onChoose}>
        <img
          data-waveform={work.medium === "sound" || undefined}
          src={work.medium === "sound" ? (work.thumbnail ?? "") : work.file}
          alt={text.sheet.choose(number)}
          width={work.width ?? 1}
          height={work.height ?? 1}
        />
        {chosen && (
          <span className={css.tick}>
            <IconCheck size={18} stroke={2.6} aria-hidden="true" />
            {text.sheet.chosen}
          </span>
        )}
      </button>
      <div className={css.foot}>
        {work.medium === "sound" && <PlayButton src={work.file} title={text.sheet.take(number)} />}
        <span>{text.sheet.take(number)}</span>
        <Button variant="subtle" size="compact-sm" onClick={onOpen}>
          {text.sheet.open}
          <span className="unseen"> {text.sheet.openOne(number)}</span>
        </Button>
      </div>
    </>
  );
}

function Blank({ work }: { work: Work }) {
  const part = fraction(work);
  if (ended(work)) return <p className={css.blank}>{sentence(work.reason ?? text.take.failed)}</p>;
  return (
    <div className={css.blank}>
      <Loader size="sm" />
      <span>
        {stageInWords(work.stage)}
        {part !== null && ` · ${Math.floor(part * 100)} %`}
      </span>
    </div>
  );
}

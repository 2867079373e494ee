import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { $api } from "../../api/client";
import { format } from "../../api/money";
import { useProgress } from "../../api/progress";
import { whileAway } from "../../api/queries";
import { Compare } from "../../ui/Compare";
import { Notice } from "../../ui/Notice";
import { notify } from "../../ui/notify";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { ProgressCard } from "../../ui/ProgressCard";
import { RouteButton } from "../../ui/RouteButton";
import { PageSkeleton } from "../../ui/Skeletons";
import { sentence } from "../../ui/sentence";
import { Player } from "../../ui/sound/lazy";
import { WorkNotes } from "../../ui/WorkNotes";
import { Zoom } from "../../ui/Zoom";
import { alike } from "./alike";
import type { Values } from "./schema";
import { text } from "./strings";
import css from "./Take.module.css";
import type { Work } from "./types";

interface Props {
  id: string;
  /** What is set now; only what differs from it can be taken over. */
  seed: number;
  params: Values;
  styles: readonly string[];
  onSeed: (seed: number) => void;
  onSettings: (work: Work) => void;
  /** Whether the work can be repainted in a part. */
  repaints: boolean;
  onRepaint: (id: string) => void;
}

/** One preview or work, from its order to the picture. */
export default function Take({ id, ...rest }: Props) {
  const { data, error, refetch } = $api.useQuery(
    "get",
    "/v1/works/{id}",
    { params: { path: { id } } },
    { refetchInterval: whileAway },
  );
  if (!data) {
    if (!error) return <PageSkeleton />;
    const gone = { "not-found": { what: text.take.gone } };
    return <ProblemAlert error={error} advice={gone} onRetry={refetch} />;
  }
  return (
    <section className={css.take} aria-label={text.take.label}>
      <p className="unseen" role="status">
        {data.state === "done" && text.take.ready[data.kind]}
      </p>
      {data.state === "done" ? (
        <Made work={data} {...rest} />
      ) : data.state === "failed" || data.state === "cancelled" ? (
        <Ended work={data} />
      ) : (
        <Going work={data} />
      )}
    </section>
  );
}

function Going({ work }: { work: Work }) {
  const { beat, link, problem } = useProgress(work.id);
  const queries = useQueryClient();
  useEffect(() => {
    // With its end the hold on the credit ends too, and the quote says what credit there is.
    if (link === "ended") void queries.invalidateQueries({ queryKey: ["post", "/v1/quotes"] });
  }, [link, queries]);
  const cancel = $api.useMutation("post", "/v1/works/{id}/cancellation");
  const [asked, setAsked] = useState(false);
  const stop = () => {
    setAsked(true);
    cancel.mutate({ params: { path: { id: work.id } } }, { onError: () => setAsked(false) });
  };
  return (
    <>
      {work.source && work.medium === "picture" && (
        <img className={css.waiting} src={work.source} alt={text.takes.start.picture} />
      )}
      <ProgressCard beat={beat ?? work} link={link} onCancel={stop} cancelling={asked} />
      <ProblemAlert error={cancel.error ?? (link === "ended" ? problem : null)} />
    </>
  );
}

function Ended({ work }: { work: Work }) {
  return (
    <Notice
      tone={work.state === "failed" ? "no" : "plain"}
      title={work.state === "failed" ? text.take.failed : text.take.cancelled}
    >
      <p>{sentence(work.reason ?? "")}</p>
      {work.price.amount > 0 && !work.reason?.includes("price is back") && <p>{text.take.back(format(work.price))}</p>}
    </Notice>
  );
}

function Made({ work, repaints, onRepaint, ...rest }: { work: Work } & Omit<Props, "id">) {
  if (!work.file) return null;
  return (
    <>
      {work.medium === "sound" ? <Heard work={work} /> : <Seen work={work} file={work.file} />}
      {work.kind === "preview" && <p className={css.fine}>{text.take.marked[work.medium]}</p>}
      <WorkNotes notes={work.notes} />
      <div className={css.acts}>
        <RouteButton to="/works/$id" params={{ id: work.id }} variant={work.kind === "work" ? "filled" : "default"}>
          {work.kind === "work" ? text.take.open : text.take.openPreview}
        </RouteButton>
        {work.overlay && work.kind === "work" && (
          <RouteButton to="/works/$id" params={{ id: work.id }} search={{ view: "sources" }} variant="default">
            {text.take.sources}
          </RouteButton>
        )}
        {repaints && canRepaint(work) && (
          <Button variant="default" onClick={() => onRepaint(work.id)}>
            {text.repaint.open}
          </Button>
        )}
        <Reuse work={work} {...rest} />
      </div>
    </>
  );
}

function Seen({ work, file }: { work: Work; file: string }) {
  const alt = text.take.alt(work.styles.map(({ name }) => name).join(", "));
  const size = { width: work.width ?? 1, height: work.height ?? 1 };
  return (
    <div className={css.framed} style={{ width: `min(100%, calc(54dvh * ${size.width} / ${size.height}))` }}>
      {work.source ? (
        <Compare before={work.source} after={file} alt={alt} {...size} />
      ) : (
        <Zoom src={file} alt={alt} {...size} />
      )}
    </div>
  );
}

/** A preview is an excerpt: only a whole work runs beside the recording that it was made from. */
function Heard({ work }: { work: Work }) {
  const compared = work.kind === "work" && work.source !== null;
  return (
    <Player
      name={text.take.alt(work.styles.map(({ name }) => name).join(", "))}
      track={{ label: text.take.result, from: work.file }}
      other={compared ? { label: text.take.before, from: work.source } : null}
      seconds={work.duration_ms && work.duration_ms / 1000}
      picture={work.thumbnail}
    />
  );
}

const canRepaint = ({ kind, own, overlay, withdrawn_at }: Work) =>
  kind === "work" && own && overlay !== null && withdrawn_at === null;

type ReuseProps = { work: Work } & Omit<Props, "id" | "repaints" | "onRepaint">;

function Reuse({ work, onSeed, onSettings, ...now }: ReuseProps) {
  const { seed } = work;
  if (seed === null) return null;
  const other = now.seed !== seed;
  return (
    <>
      {other && (
        <Button
          variant="subtle"
          onClick={() => {
            onSeed(seed);
            void notify(text.take.used);
          }}
        >
          {text.take.seed}
        </Button>
      )}
      {(other || !alike(work, now)) && (
        <Button
          variant="subtle"
          onClick={() => {
            onSettings(work);
            void notify(text.take.settingsUsed);
          }}
        >
          {text.take.settings}
        </Button>
      )}
    </>
  );
}

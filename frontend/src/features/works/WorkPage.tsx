import { useState } from "react";
import { $api } from "../../api/client";
import { format } from "../../api/money";
import { asProblem } from "../../api/problem";
import { useProgress } from "../../api/progress";
import { whileAway } from "../../api/queries";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { ProgressCard } from "../../ui/ProgressCard";
import { RouteButton } from "../../ui/RouteButton";
import { PageSkeleton } from "../../ui/Skeletons";
import { Done } from "./Done";
import { Ended } from "./Ended";
import { text } from "./strings";
import type { Work } from "./types";
import type { View } from "./view";
import css from "./WorkPage.module.css";
import { stylesOf } from "./words";

/** One work: in the making, made, or come to nothing. */
export function WorkPage({ id, view }: { id: string; view?: View }) {
  const { data, error, refetch } = $api.useQuery(
    "get",
    "/v1/works/{id}",
    { params: { path: { id } } },
    { refetchInterval: whileAway },
  );
  if (data) return <Shown work={data} view={view} />;
  if (!error) return <PageSkeleton />;
  if (asProblem(error).status !== 404) return <ProblemAlert error={error} onRetry={refetch} />;
  return (
    <Page title={text.work.gone}>
      <Empty title={text.work.gone} words={text.work.goneWords}>
        <RouteButton to="/works">{text.work.all}</RouteButton>
      </Empty>
    </Page>
  );
}

function Shown({ work, view }: { work: Work; view?: View }) {
  const title = (work.kind === "preview" ? text.work.preview : text.work.title)(stylesOf(work));
  return (
    <Page title={title} lead={lead(work)}>
      {work.state === "done" ? (
        <Done work={work} view={view} />
      ) : work.state === "failed" || work.state === "cancelled" ? (
        <Ended work={work} />
      ) : (
        <Going work={work} />
      )}
    </Page>
  );
}

function Going({ work }: { work: Work }) {
  const { beat, link, problem } = useProgress(work.own ? work.id : null);
  const cancel = $api.useMutation("post", "/v1/works/{id}/cancellation");
  const [asked, setAsked] = useState(false);
  const stop = () => {
    setAsked(true);
    cancel.mutate({ params: { path: { id: work.id } } }, { onError: () => setAsked(false) });
  };
  return (
    <div className={css.going}>
      {work.source && work.medium === "picture" && (
        <img className={css.source} src={work.source} alt={text.lineage.whats.source} width={640} height={480} />
      )}
      <div>
        <ProgressCard beat={beat ?? work} link={link} onCancel={work.own ? stop : undefined} cancelling={asked} />
        <ProblemAlert error={cancel.error} />
        {link === "ended" && <ProblemAlert error={problem} />}
      </div>
    </div>
  );
}

function lead(work: Work): string {
  if (!work.own) return text.work.by(work.by);
  if (work.withdrawn_at) return "";
  if (work.kind === "preview") return text.work.draft;
  if (work.state !== "done") return work.price.amount > 0 ? `${text.work.price}: ${format(work.price)}` : "";
  return work.shared ? text.work.shared : text.work.private;
}

import { SegmentedControl } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { $api } from "../../api/client";
import { Compare } from "../../ui/Compare";
import { Notice } from "../../ui/Notice";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { ProvenanceMap } from "../../ui/ProvenanceMap";
import { RouteAnchor } from "../../ui/RouteAnchor";
import { LinesSkeleton } from "../../ui/Skeletons";
import { dayInWords } from "../../ui/When";
import { WorkNotes } from "../../ui/WorkNotes";
import { Zoom } from "../../ui/Zoom";
import { Acts } from "./Acts";
import { Facts } from "./Facts";
import { Keep } from "./Keep";
import { Credentials, Licenses, Lineage, Paid } from "./Papers";
import { SoundViewer } from "./SoundViewer";
import { text } from "./strings";
import type { Provenance, Work } from "./types";
import { readView, type View } from "./view";
import css from "./WorkPage.module.css";
import { artistsOf, stylesOf } from "./words";

/** A finished work: to look at, whose it is, who was paid, and to take along. */
export function Done({ work, view = "picture" }: { work: Work; view?: View }) {
  const record = $api.useQuery(
    "get",
    "/v1/works/{id}/provenance",
    { params: { path: { id: work.id } } },
    { enabled: work.kind === "work" },
  );
  return (
    <>
      {work.withdrawn_at && <Withdrawn at={work.withdrawn_at} reason={record.data?.claim.withdrawn_reason} />}
      {work.file && work.medium === "sound" && <SoundViewer work={work} record={record.data} />}
      {work.file && work.medium === "picture" && (
        <Viewer work={work} url={work.file} view={view} record={record.data} />
      )}
      {work.rework && (
        <p className={css.words}>
          {text.work.rework}{" "}
          <RouteAnchor to="/works/$id" params={{ id: work.rework }}>
            {text.work.earlier}
          </RouteAnchor>
        </p>
      )}
      <ProblemAlert error={record.error} onRetry={record.refetch} />
      {work.kind === "work" ? (
        <div className={css.parts}>
          {record.isPending && <LinesSkeleton count={6} />}
          {record.data && <Paid record={record.data} price={work.price} />}
          <Keep work={work} />
          {record.data && <Licenses work={work} />}
          {record.data && <Credentials record={record.data} />}
          {record.data && <Lineage record={record.data} />}
          <Facts work={work} />
        </div>
      ) : (
        <Facts work={work} />
      )}
    </>
  );
}

function Withdrawn({ at, reason }: { at: string; reason: string | null | undefined }) {
  return (
    <div className={css.notice}>
      <Notice tone="no" title={text.ended.withdrawn}>
        <p>{text.ended.withdrawnWords(dayInWords(at), reason ?? "")}</p>
      </Notice>
    </div>
  );
}

interface ViewerProps {
  work: Work;
  url: string;
  view: View;
  record: Provenance | undefined;
}

function Viewer({ work, url, view, record }: ViewerProps) {
  const alt = text.work.alt.picture(stylesOf(work), artistsOf(work));
  const size = { width: work.width ?? 1, height: work.height ?? 1 };
  const views = viewsOf(work);
  const shown = views.some(({ value }) => value === view) ? view : "picture";
  return (
    <div className={css.viewer}>
      <div className={css.tools}>
        <Views work={work} views={views} shown={shown} />
        <Acts work={work} />
      </div>
      {shown === "sources" && work.overlay && record ? (
        <>
          <ProvenanceMap
            picture={url}
            overlay={work.overlay}
            alt={alt}
            {...size}
            contributions={record.contributions}
          />
          <p className={css.words}>
            {record.exact ? text.sources.exact.picture : text.sources.estimate(record.method)}
          </p>
        </>
      ) : (
        <div className={css.framed} style={{ width: `min(100%, calc(75dvh * ${size.width} / ${size.height}))` }}>
          {shown === "compare" && work.source ? (
            <Compare before={work.source} after={url} alt={alt} {...size} />
          ) : (
            <Zoom src={url} alt={alt} {...size} />
          )}
        </div>
      )}
      <WorkNotes notes={work.notes} />
    </div>
  );
}

const viewsOf = (work: Work): { value: View; label: string }[] => [
  { value: "picture", label: text.work.views.picture },
  ...(work.overlay && work.kind === "work" ? [{ value: "sources" as const, label: text.work.views.sources }] : []),
  ...(work.source ? [{ value: "compare" as const, label: text.work.views.compare }] : []),
];

function Views({ work, views, shown }: { work: Work; views: ReturnType<typeof viewsOf>; shown: View }) {
  const navigate = useNavigate();
  if (views.length < 2) return null;
  return (
    <SegmentedControl
      aria-label={text.work.views.label}
      data={views}
      value={shown}
      onChange={(view) =>
        navigate({
          to: "/works/$id",
          params: { id: work.id },
          search: readView({ view }),
          replace: true,
          resetScroll: false,
        })
      }
    />
  );
}

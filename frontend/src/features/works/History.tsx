import { Button, NativeSelect } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { $api } from "../../api/client";
import { byCursor, whileAway } from "../../api/queries";
import { useMe } from "../../api/session";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteButton } from "../../ui/RouteButton";
import { SignInFirst } from "../../ui/SignInFirst";
import { CardsSkeleton } from "../../ui/Skeletons";
import css from "./History.module.css";
import { type HistorySearch, historyQuery, readHistory } from "./history-search";
import { text } from "./strings";
import { WorkCard } from "./WorkCard";

const AT_ONCE = 24;
const LOOK_AGAIN = 3000; // milliseconds, while something here is in the making

/** Everything one has made, or has in the making. */
export function History({ search }: { search: HistorySearch }) {
  const me = useMe();
  return (
    <Page
      title={text.history.title}
      lead={text.history.lead}
      actions={<RouteButton to="/studio">{text.history.make}</RouteButton>}
    >
      {me === null ? <SignInFirst why={text.history.why} /> : <Mine search={search} known={me !== undefined} />}
    </Page>
  );
}

function Mine({ search, known }: { search: HistorySearch; known: boolean }) {
  const navigate = useNavigate();
  const set = (change: Record<string, unknown>) =>
    navigate({ to: "/works", search: readHistory({ ...search, ...change }), replace: true });
  return (
    <>
      <div className={css.filters}>
        <NativeSelect
          label={text.history.kinds.label}
          value={search.kind ?? ""}
          onChange={(event) => set({ kind: event.currentTarget.value })}
          data={[
            { value: "", label: text.history.kinds.all },
            { value: "work", label: text.history.kinds.work },
            { value: "preview", label: text.history.kinds.preview },
          ]}
        />
        <NativeSelect
          label={text.history.states.label}
          value={search.state ?? ""}
          onChange={(event) => set({ state: event.currentTarget.value })}
          data={[
            { value: "", label: text.history.states.all },
            { value: "going", label: text.history.states.going },
            { value: "done", label: text.history.states.done },
            { value: "failed", label: text.history.states.failed },
            { value: "cancelled", label: text.history.states.cancelled },
          ]}
        />
      </div>
      {known ? <Works search={search} onClear={() => set({ kind: "", state: "" })} /> : <CardsSkeleton height={300} />}
    </>
  );
}

function Works({ search, onClear }: { search: HistorySearch; onClear: () => void }) {
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = $api.useInfiniteQuery(
    "get",
    "/v1/works",
    { params: { query: { ...historyQuery(search), limit: AT_ONCE } } },
    {
      ...byCursor,
      refetchInterval: (query) =>
        query.state.data?.pages.some(({ items }) => items.some(isGoing)) ? LOOK_AGAIN : whileAway(query),
    },
  );
  if (isPending) return <CardsSkeleton height={300} />;
  if (error && !data) return <ProblemAlert error={error} onRetry={refetch} />;
  const works = data?.pages.flatMap(({ items }) => items) ?? [];
  if (works.length === 0) return <None filtered={Boolean(search.kind || search.state)} onClear={onClear} />;
  return (
    <>
      <ul className={css.grid}>
        {works.map((work) => (
          <li key={work.id}>
            <WorkCard work={work} />
          </li>
        ))}
      </ul>
      <ProblemAlert error={error} onRetry={() => refetch()} />
      {hasNextPage && (
        <div className={css.more}>
          <Button variant="default" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
            {text.history.more}
          </Button>
        </div>
      )}
    </>
  );
}

const isGoing = ({ state }: { state: string }) => state === "queued" || state === "running";

function None({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (filtered)
    return (
      <Empty title={text.history.noneFits} words="">
        <Button onClick={onClear}>{text.history.clear}</Button>
      </Empty>
    );
  return (
    <Empty title={text.history.none} words={text.history.noneWords}>
      <RouteButton to="/studio">{text.history.start}</RouteButton>
    </Empty>
  );
}

import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { $api } from "../../api/client";
import { byCursor, whileAway } from "../../api/queries";
import { Empty } from "../../ui/Empty";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteButton } from "../../ui/RouteButton";
import { CardsSkeleton } from "../../ui/Skeletons";
import css from "./Explore.module.css";
import { Filters } from "./Filters";
import { Hero } from "./Hero";
import { Nearest } from "./Nearest";
import { StyleCard } from "./StyleCard";
import { type ExploreSearch, isFiltered, queryOf } from "./search";
import { text } from "./strings";

const AT_ONCE = 24;
const FIRST_ROW = 3;

/** The styles that can be licensed now. */
export function Explore({ search }: { search: ExploreSearch }) {
  const navigate = useNavigate();
  const [byPicture, setByPicture] = useState(false);
  const onSearch = (next: ExploreSearch) => navigate({ to: "/", search: next, replace: true, resetScroll: false });
  return (
    <>
      <title>{`${text.explore.title} · Homage`}</title>
      <Hero />
      <section aria-labelledby="styles">
        <h2 id="styles" className={css.title}>
          {text.list.title}
        </h2>
        <Filters
          search={search}
          onSearch={onSearch}
          byPicture={byPicture}
          onByPicture={() => setByPicture((open) => !open)}
        />
        {byPicture ? (
          <Nearest onClose={() => setByPicture(false)} />
        ) : (
          <Grid search={search} onClear={() => onSearch({})} />
        )}
      </section>
    </>
  );
}

function Grid({ search, onClear }: { search: ExploreSearch; onClear: () => void }) {
  const found = $api.useInfiniteQuery(
    "get",
    "/v1/styles",
    { params: { query: { ...queryOf(search), limit: AT_ONCE } } },
    {
      ...byCursor,
      refetchInterval: whileAway,
      placeholderData: (before: unknown) => before as never,
    },
  );
  const { data, error, isPending, isPlaceholderData, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = found;
  if (isPending) return <CardsSkeleton count={6} height={370} />;
  if (error && !data) return <ProblemAlert error={error} onRetry={refetch} />;
  const cards = data?.pages.flatMap(({ items }) => items) ?? [];
  if (cards.length === 0) return isFiltered(search) ? <NoneFits onClear={onClear} /> : <NoneYet />;
  return (
    <>
      <p className={css.count} aria-live="polite">
        {text.list.found(cards.length, hasNextPage)}
      </p>
      <ul className={css.grid} data-stale={isPlaceholderData}>
        {cards.map((style, index) => (
          <li key={style.id}>
            <StyleCard style={style} eager={index < FIRST_ROW} />
          </li>
        ))}
      </ul>
      <ProblemAlert error={error} onRetry={() => fetchNextPage()} />
      {hasNextPage && (
        <div className={css.more}>
          <Button variant="default" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
            {text.list.more}
          </Button>
        </div>
      )}
    </>
  );
}

function NoneFits({ onClear }: { onClear: () => void }) {
  return (
    <Empty title={text.list.none} words={text.list.noneWords}>
      <Button onClick={onClear}>{text.filters.clear}</Button>
    </Empty>
  );
}

function NoneYet() {
  return (
    <Empty title={text.list.first} words={text.list.firstWords}>
      <RouteButton to="/my-styles">{text.list.firstAction}</RouteButton>
      <RouteButton to="/studio" variant="default">
        {text.list.sample}
      </RouteButton>
    </Empty>
  );
}

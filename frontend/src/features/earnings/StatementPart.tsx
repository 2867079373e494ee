import { NativeSelect, Text, TextInput } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { $api, type Schemas } from "../../api/client";
import { Empty } from "../../ui/Empty";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteButton } from "../../ui/RouteButton";
import { LinesSkeleton } from "../../ui/Skeletons";
import { Bars } from "./Bars";
import { Lines } from "./Lines";
import { backwards, days, type EarningsSearch, PERIODS, type Period, type Statement } from "./ledger";
import css from "./Statement.module.css";
import { text } from "./strings";
import { Totals } from "./Totals";

type Balance = Schemas["Balance"];
const said = text.statement;

/** An account over a period: sums, bars by day, every line, and the same as a file. */
export function StatementPart({ balances }: { balances: Balance[] }) {
  const search = useSearch({ from: "/earnings" });
  const navigate = useNavigate({ from: "/earnings" });
  const owners = ownersOf(balances);
  const owner = owners.find(({ value }) => value === search.owner)?.value ?? firstOwner(balances);
  const period = search.period ?? "month";
  const wrong = backwards(search);
  const query = { owner, ...days(search, Date.now()) };
  const { data, error, refetch } = $api.useQuery(
    "get",
    "/v1/statements",
    { params: { query } },
    { enabled: !wrong, staleTime: 0, placeholderData: keepPreviousData },
  );
  const change = (part: EarningsSearch) =>
    void navigate({ search: (now) => ({ ...now, ...part }), replace: true, resetScroll: false });

  return (
    <section aria-labelledby="statement">
      <h2 id="statement" className={css.heading}>
        {said.title}
      </h2>
      <div className={css.choices}>
        <NativeSelect
          label={said.whose}
          data={owners}
          value={owner}
          onChange={({ currentTarget }) => change({ owner: currentTarget.value })}
        />
        <NativeSelect
          label={said.period}
          data={PERIODS.map((value) => ({ value, label: said.periods[value] }))}
          value={period}
          onChange={({ currentTarget }) => change({ period: currentTarget.value as Period })}
        />
        {period === "own" && <OwnPeriod search={search} change={change} wrong={wrong} />}
      </div>
      {!data && !error && !wrong && <LinesSkeleton />}
      <ProblemAlert error={error} onRetry={refetch} />
      {typeof data === "object" && !wrong && <Told statement={data} query={query} />}
    </section>
  );
}

interface OwnPeriodProps {
  search: EarningsSearch;
  change: (part: EarningsSearch) => void;
  wrong: boolean;
}

function OwnPeriod({ search, change, wrong }: OwnPeriodProps) {
  return (
    <>
      <TextInput
        type="date"
        label={said.since}
        value={search.since ?? ""}
        onChange={(event) => change({ since: event.currentTarget.value || undefined })}
      />
      <TextInput
        type="date"
        label={said.until}
        value={search.until ?? ""}
        onChange={(event) => change({ until: event.currentTarget.value || undefined })}
        error={wrong ? said.badPeriod : null}
      />
    </>
  );
}

interface ToldProps {
  statement: Statement;
  query: Record<string, string>;
}

function Told({ statement, query }: ToldProps) {
  const address = (format: string) => `/v1/statements?${new URLSearchParams({ ...query, format })}`;
  if (statement.lines.length === 0) {
    return statement.opening === 0 && statement.closing === 0 ? (
      <Empty title={text.start.title} words={text.start.words}>
        <RouteButton to="/my-styles">{text.start.offer}</RouteButton>
        <RouteButton to="/studio" variant="default">
          {text.start.make}
        </RouteButton>
      </Empty>
    ) : (
      <Empty title={said.empty.title} words={said.empty.words} />
    );
  }
  return (
    <div className={css.told}>
      <Totals statement={statement} />
      <Bars statement={statement} />
      <Lines key={JSON.stringify(query)} statement={statement} />
      <Text size="sm" className={css.files}>
        <a href={address("csv")} download>
          {said.csv}
        </a>
        <a href={address("json")} download={`statement-${statement.owner}.json`}>
          {said.json}
        </a>
      </Text>
    </div>
  );
}

/** Each owner once: a person's credit and earnings are on one statement. */
function ownersOf(balances: Balance[]): { value: string; label: string }[] {
  return balances
    .filter(({ account }) => account !== "earned")
    .map(({ account, owner, name }) => ({ value: owner, label: account === "creator" ? name : said.me(name) }));
}

/** Whoever has a profile came for its royalties. */
const firstOwner = (balances: Balance[]): string =>
  (balances.find(({ account, balance }) => account === "creator" && balance.amount > 0) ?? balances[0])?.owner ?? "";

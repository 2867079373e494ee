import { Anchor, Button, Text } from "@mantine/core";
import { useState } from "react";
import { $api } from "../../api/client";
import { byCursor } from "../../api/queries";
import { Money } from "../../ui/Money";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { LinesSkeleton } from "../../ui/Skeletons";
import { sentence } from "../../ui/sentence";
import { When } from "../../ui/When";
import { text } from "./strings";
import css from "./Usage.module.css";
import { countsOf, lookAgain, type Report } from "./usage";

const said = text.reports;
const number = (count: number) => count.toLocaleString("en-US");

/** One's own reports, the newest first, and what became of their lines. */
export function Reports() {
  const pages = $api.useInfiniteQuery(
    "get",
    "/v1/usage",
    { params: { query: { limit: 10 } } },
    {
      ...byCursor,
      staleTime: 0,
      refetchInterval: ({ state: { data } }) => lookAgain(data?.pages.flatMap(({ items }) => items) ?? []),
    },
  );
  const reports = pages.data?.pages.flatMap(({ items }) => items);
  return (
    <section aria-labelledby="reports">
      <h2 id="reports" className={css.heading}>
        {said.title}
      </h2>
      <ProblemAlert error={pages.error} onRetry={pages.refetch} />
      {pages.isPending && <LinesSkeleton count={2} />}
      {reports?.length === 0 && <Text c="dimmed">{said.none}</Text>}
      <ul className={css.rows}>
        {reports?.map((report) => (
          <Row key={report.id} report={report} />
        ))}
      </ul>
      {pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => pages.fetchNextPage()}>
          {text.older}
        </Button>
      )}
    </section>
  );
}

function Row({ report }: { report: Report }) {
  const { id, created_at, lines, state, sums } = report;
  return (
    <li>
      <p className={css.top}>
        <When at={created_at} withTime />
        <span className="number">{said.lines(lines)}</span>
        {state === "taking" && <span role="status">{said.taking}</span>}
        {report.reason && <span role="status">{report.reason}</span>}
      </p>
      <ul className={css.counts}>
        {countsOf(report).map((one) => (
          <li key={one} data-count={one}>
            <strong className="number">{number(report[one])}</strong> {said.counts[one]}
          </li>
        ))}
      </ul>
      {sums.map(({ asset, earned, waiting }) => (
        <p key={asset} className={css.fine}>
          {said.earned} <Money of={{ amount: earned, asset }} />
          {waiting > 0 && (
            <>
              {" · "}
              <Money of={{ amount: waiting, asset }} /> {said.waiting}
            </>
          )}
        </p>
      ))}
      <p className={css.files}>
        {report.faulty > 0 && <File href={`/v1/usage/${id}/faults?format=file`} words={said.faults} />}
        {report.held > 0 && <File href={`/v1/usage/${id}/lines?state=held&format=csv`} words={said.held} />}
        {report.flagged > 0 && <File href={`/v1/usage/${id}/lines?state=flagged&format=csv`} words={said.flagged} />}
      </p>
      {report.faulty > 0 && <Faults id={id} more={report.faulty > FIRST} />}
    </li>
  );
}

const FIRST = 20;
const File = ({ href, words }: { href: string; words: string }) => (
  <Anchor href={href} download size="sm">
    {words}
  </Anchor>
);

/** What is wrong with the first faulty lines, asked for when someone wants to read it. */
function Faults({ id, more }: { id: string; more: boolean }) {
  const [open, setOpen] = useState(false);
  const { data, error } = $api.useQuery(
    "get",
    "/v1/usage/{id}/faults",
    { params: { path: { id }, query: { limit: FIRST } } },
    { enabled: open },
  );
  return (
    <details className={css.more} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{said.look}</summary>
      <ProblemAlert error={error} />
      {typeof data === "object" && (
        <ol className={css.faults}>
          {data.items.map(({ line, field, fault }) => (
            <li key={line}>
              {said.line} {number(line)}
              {field && `, ${field}`}: {sentence(fault)}
            </li>
          ))}
        </ol>
      )}
      {more && (
        <Text size="sm" c="dimmed">
          {said.first}
        </Text>
      )}
    </details>
  );
}

import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { $api } from "../../api/client";
import { byCursor } from "../../api/queries";
import { useMe } from "../../api/session";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteButton } from "../../ui/RouteButton";
import { SignInFirst } from "../../ui/SignInFirst";
import { LinesSkeleton } from "../../ui/Skeletons";
import { TermsCard } from "../../ui/TermsCard";
import { StandingBadge } from "./StandingBadge";
import { type License, standingOf } from "./standing";
import { text } from "./strings";
import css from "./Uses.module.css";

const said = text.licenses;

/** What I may do with my works, and the very words it rests on. */
export function MyLicenses() {
  const me = useMe();
  const pages = $api.useInfiniteQuery(
    "get",
    "/v1/licenses",
    { params: { query: { limit: 12 } } },
    {
      ...byCursor,
      enabled: Boolean(me),
      staleTime: 0,
    },
  );
  const licenses = pages.data?.pages.flatMap(({ items }) => items);
  return (
    <Page title={said.title} lead={said.lead}>
      {me === null && <SignInFirst why={said.why} />}
      {me !== null && !licenses && !pages.error && <LinesSkeleton />}
      {me && <ProblemAlert error={pages.error} onRetry={pages.refetch} />}
      {licenses?.length === 0 && (
        <Empty title={said.empty.title} words={said.empty.words}>
          <RouteButton to="/">{said.empty.explore}</RouteButton>
          <RouteButton to="/studio" variant="default">
            {said.empty.studio}
          </RouteButton>
        </Empty>
      )}
      <ul className={css.cards}>
        {licenses?.map((license) => (
          <LicenseCard key={license.id} license={license} />
        ))}
      </ul>
      {pages.hasNextPage && (
        <Button variant="default" mt="lg" loading={pages.isFetchingNextPage} onClick={() => pages.fetchNextPage()}>
          {said.more}
        </Button>
      )}
    </Page>
  );
}

function LicenseCard({ license }: { license: License }) {
  const { style, licensor, terms } = license;
  return (
    <li className={css.license}>
      <div className={css.head}>
        <h2 className={css.name}>{style.name}</h2>
        <StandingBadge license={license} />
      </div>
      <Text size="sm" c="dimmed" mb="sm">
        {said.by(licensor.name)} · {said.used(license.used)}
      </Text>
      {license.state === "revoked" && <p className={css.ended}>{said.revoked(license.reason)}</p>}
      <TermsCard terms={terms}>
        <Deed offer={license.offer} />
        {standingOf(license, Date.now()) === "active" && (
          <div className={css.buttons}>
            <RouteButton to="/studio" search={{ style: style.id }} size="sm">
              {said.make}
            </RouteButton>
            <RouteButton to="/styles/$id" params={{ id: style.id }} size="sm" variant="default">
              {said.see}
            </RouteButton>
          </div>
        )}
      </TermsCard>
      <Text size="xs" c="dimmed" mt="xs" className={css.number}>
        {said.number} {license.id}
      </Text>
    </li>
  );
}

/** The license's own words, asked for when someone wants to read them. */
function Deed({ offer }: { offer: string }) {
  const [open, setOpen] = useState(false);
  const { data, error } = $api.useQuery(
    "get",
    "/v1/offers/{offer}",
    { params: { path: { offer } } },
    { enabled: open, staleTime: Number.POSITIVE_INFINITY },
  );
  return (
    <details className={css.more} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{said.deed}</summary>
      <ProblemAlert error={error} />
      {data && <Clauses deed={data.deed} />}
    </details>
  );
}

/** The deed has one clause a line: `Name: words`. */
function Clauses({ deed }: { deed: string }) {
  const [title, ...lines] = deed.split("\n").filter((line) => line.trim() !== "");
  return (
    <>
      <Text fw={600} size="sm">
        {title}
      </Text>
      <dl className={css.clauses}>
        {lines.map((line) => {
          const [name = "", ...words] = line.split(/:\s+/);
          return (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{words.join(": ")}</dd>
            </div>
          );
        })}
      </dl>
    </>
  );
}

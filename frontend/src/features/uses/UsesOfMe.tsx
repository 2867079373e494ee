import { Alert, Button, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
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
import { When } from "../../ui/When";
import { Revoke } from "./Revoke";
import { StandingBadge } from "./StandingBadge";
import type { Use } from "./standing";
import { text } from "./strings";
import css from "./Uses.module.css";

const said = text.uses;

/** Who holds a license to my styles, what came of it, and its end. */
export function UsesOfMe() {
  const me = useMe();
  const pages = $api.useInfiniteQuery(
    "get",
    "/v1/uses",
    { params: { query: { limit: 25 } } },
    {
      ...byCursor,
      enabled: Boolean(me),
      staleTime: 0,
    },
  );
  const uses = pages.data?.pages.flatMap(({ items }) => items);
  return (
    <Page title={said.title} lead={said.lead}>
      {me === null && <SignInFirst why={said.why} />}
      {me !== null && !uses && !pages.error && <LinesSkeleton />}
      {me && <ProblemAlert error={pages.error} onRetry={pages.refetch} />}
      {uses?.length === 0 && (
        <Empty title={said.empty.title} words={said.empty.words}>
          <RouteButton to="/my-styles">{said.empty.go}</RouteButton>
        </Empty>
      )}
      <ul className={css.list}>
        {uses?.map((use) => (
          <UseRow key={use.id} use={use} />
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

function UseRow({ use }: { use: Use }) {
  const [asked, setAsked] = useState(false);
  const [withdrawn, setWithdrawn] = useState<number | null>(null);
  const { style, licensee, terms } = use;
  return (
    <li className={css.item}>
      <div className={css.head}>
        <h2 className={css.name}>{licensee.name}</h2>
        <StandingBadge license={use} />
      </div>
      <ul className={css.facts}>
        <li>
          <Link to="/my-styles/$id" params={{ id: style.id }}>
            {style.name}
          </Link>
        </li>
        <li>{said.works(use.works)}</li>
        {terms.cap !== null && <li>{said.of(use.used, terms.cap)}</li>}
        <li>
          {said.since} <When at={use.granted_at} />
        </li>
        <li>
          {said.until} <When at={use.expires_at} />
        </li>
      </ul>
      {use.reason && <Text size="sm">{use.reason}</Text>}
      <details className={css.more}>
        <summary>{said.terms}</summary>
        <TermsCard terms={terms} />
      </details>
      <div role="status">{withdrawn !== null && <Alert color="viridian">{said.done(withdrawn)}</Alert>}</div>
      {use.state === "active" &&
        (asked ? (
          <Revoke use={use} onDone={setWithdrawn} onCancel={() => setAsked(false)} />
        ) : (
          <div>
            <Button
              variant="default"
              size="sm"
              onClick={() => setAsked(true)}
              aria-label={said.revokeOf(licensee.name)}
            >
              {said.revoke}
            </Button>
          </div>
        ))}
    </li>
  );
}

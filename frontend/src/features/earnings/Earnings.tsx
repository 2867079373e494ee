import { useSearch } from "@tanstack/react-router";
import { $api } from "../../api/client";
import { useMe } from "../../api/session";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteButton } from "../../ui/RouteButton";
import { SignInFirst } from "../../ui/SignInFirst";
import { LinesSkeleton, PageSkeleton } from "../../ui/Skeletons";
import { Balances } from "./Balances";
import css from "./Earnings.module.css";
import { StatementPart } from "./StatementPart";
import { text } from "./strings";
import { TopUp } from "./TopUp";

/** What stands on one's accounts, where it came from, and more credit. */
export function Earnings() {
  const me = useMe();
  if (me === undefined) return <PageSkeleton />;
  return (
    <Page title={text.title} lead={text.lead} actions={me && <Ways />}>
      {me === null ? <SignInFirst why={text.why} /> : <Own />}
    </Page>
  );
}

function Ways() {
  return (
    <>
      <RouteButton to="/uses" variant="default">
        {text.uses}
      </RouteButton>
      <RouteButton to="/licenses" variant="default">
        {text.licenses}
      </RouteButton>
    </>
  );
}

function Own() {
  const { next } = useSearch({ from: "/earnings" });
  const { data, error, refetch } = $api.useQuery("get", "/v1/balances", {}, { staleTime: 0 });
  if (!data) return error ? <ProblemAlert error={error} onRetry={refetch} /> : <LinesSkeleton />;
  return (
    <div className={css.parts}>
      <div className={css.top}>
        <Balances balances={data} />
        <TopUp next={next} />
      </div>
      <StatementPart balances={data} />
    </div>
  );
}

import { Group } from "@mantine/core";
import { $api } from "../../api/client";
import { useMe } from "../../api/session";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteAnchor } from "../../ui/RouteAnchor";
import { SignInFirst } from "../../ui/SignInFirst";
import { PageSkeleton } from "../../ui/Skeletons";
import { Acts } from "./Acts";
import { HealthBadge, HealthNote } from "./HealthNote";
import { Log } from "./Log";
import type { State } from "./search";
import { text } from "./strings";
import css from "./Webhooks.module.css";

interface Props {
  id: string;
  state: State | undefined;
  onState: (state: State | undefined) => void;
}

/** One webhook: how it fares, what can be done with it, and what was sent to it. */
export function WebhookPage({ id, state, onState }: Props) {
  const me = useMe();
  const { data, error, refetch } = $api.useQuery(
    "get",
    "/v1/webhooks/{id}",
    { params: { path: { id } } },
    { enabled: Boolean(me), staleTime: 0 },
  );
  if (me === null) {
    return (
      <Page title={text.title}>
        <SignInFirst why={text.why} />
      </Page>
    );
  }
  if (error) return <ProblemAlert error={error} onRetry={refetch} />;
  if (!data) return <PageSkeleton />;
  const reload = () => void refetch();
  return (
    <Page title={data.name} lead={<code className={css.url}>{data.url}</code>}>
      <p className={css.back}>
        <RouteAnchor to="/webhooks">{text.acts.all}</RouteAnchor>
      </p>
      <Group gap="sm">
        <HealthBadge state={data.health.state} />
        <HealthNote health={data.health} />
      </Group>
      <p className={css.fine}>{data.kinds.join(", ")}</p>
      <Acts webhook={data} onChanged={reload} />
      <Log id={id} state={state} onState={onState} onMoved={reload} />
    </Page>
  );
}

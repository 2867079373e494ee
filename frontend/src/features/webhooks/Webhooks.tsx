import { Button } from "@mantine/core";
import { useState } from "react";
import { $api } from "../../api/client";
import { useMe } from "../../api/session";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteAnchor } from "../../ui/RouteAnchor";
import { RouteButton } from "../../ui/RouteButton";
import { SignInFirst } from "../../ui/SignInFirst";
import { LinesSkeleton } from "../../ui/Skeletons";
import { HealthBadge, HealthNote } from "./HealthNote";
import type { Webhook } from "./health";
import { Secret } from "./Secret";
import { text } from "./strings";
import { WebhookForm } from "./WebhookForm";
import css from "./Webhooks.module.css";

/** Where one's own servers are told what happens. */
export function Webhooks() {
  const me = useMe();
  return (
    <Page title={text.title} lead={text.lead}>
      {me === undefined && <LinesSkeleton />}
      {me === null && <SignInFirst why={text.why} />}
      {me && <Own />}
    </Page>
  );
}

function Own() {
  const { data, error, refetch } = $api.useQuery("get", "/v1/webhooks", {}, { staleTime: 0 });
  const [adding, setAdding] = useState(false);
  if (!data) return error ? <ProblemAlert error={error} onRetry={refetch} /> : <LinesSkeleton />;
  if (adding) return <Adding onDone={() => setAdding(false)} onMade={() => void refetch()} />;
  const add = <Button onClick={() => setAdding(true)}>{text.add}</Button>;
  if (data.length === 0) {
    return (
      <Empty title={text.none} words={text.noneWords}>
        {add}
      </Empty>
    );
  }
  return (
    <>
      <ul className={css.list}>
        {data.map((webhook) => (
          <Card key={webhook.id} webhook={webhook} />
        ))}
      </ul>
      {add}
    </>
  );
}

function Card({ webhook }: { webhook: Webhook }) {
  const { id, name, url, kinds, health } = webhook;
  return (
    <li className={css.card}>
      <div className={css.top}>
        <h2 className={css.heading}>
          <RouteAnchor to="/webhooks/$id" params={{ id }}>
            {name}
          </RouteAnchor>
        </h2>
        <HealthBadge state={health.state} />
      </div>
      <code className={css.url}>{url}</code>
      <p className={css.fine}>{kinds.join(", ")}</p>
      <HealthNote health={health} />
      <div className={css.acts}>
        <RouteButton to="/webhooks/$id" params={{ id }} variant="default" size="sm">
          {text.log}
        </RouteButton>
      </div>
    </li>
  );
}

function Adding({ onDone, onMade }: { onDone: () => void; onMade: () => void }) {
  const making = $api.useMutation("post", "/v1/webhooks", { onSuccess: onMade });
  if (making.data) return <Secret secret={making.data.secret} onDone={onDone} />;
  return (
    <section aria-labelledby="add">
      <h2 id="add" className={css.heading}>
        {text.add}
      </h2>
      <WebhookForm
        error={making.error}
        pending={making.isPending}
        onSubmit={(body) => making.mutate({ body })}
        onCancel={onDone}
      />
    </section>
  );
}

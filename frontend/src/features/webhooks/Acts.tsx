import { Button, Group, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { $api } from "../../api/client";
import { notify } from "../../ui/notify";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { When } from "../../ui/When";
import type { Webhook } from "./health";
import { Secret } from "./Secret";
import { text } from "./strings";
import { WebhookForm } from "./WebhookForm";
import css from "./Webhooks.module.css";

const said = text.acts;

interface Props {
  webhook: Webhook;
  onChanged: () => void;
}

/** A test, another secret, other settings, a rest, or the end. */
export function Acts({ webhook, onChanged }: Props) {
  const [open, setOpen] = useState<"change" | "remove" | null>(null);
  const queries = useQueryClient();
  const params = { path: { id: webhook.id } };
  const testing = $api.useMutation("post", "/v1/webhooks/{id}/test", {
    onSuccess: () => {
      void notify(said.tested);
      void queries.invalidateQueries({ queryKey: ["get", "/v1/webhooks/{id}/deliveries"] });
    },
  });
  const rotating = $api.useMutation("post", "/v1/webhooks/{id}/secret", { onSuccess: onChanged });
  const changing = $api.useMutation("patch", "/v1/webhooks/{id}", {
    onSuccess: () => {
      setOpen(null);
      onChanged();
    },
  });
  const disabled = webhook.health.state === "disabled";
  if (rotating.data) return <Secret secret={rotating.data.secret} rotated onDone={() => rotating.reset()} />;
  if (open === "change") {
    return (
      <WebhookForm
        webhook={webhook}
        error={changing.error}
        pending={changing.isPending}
        onSubmit={(body) => changing.mutate({ params, body })}
        onCancel={() => {
          changing.reset();
          setOpen(null);
        }}
      />
    );
  }
  if (open === "remove") return <Removing webhook={webhook} onKeep={() => setOpen(null)} />;
  return (
    <>
      <ProblemAlert error={testing.error ?? rotating.error ?? changing.error} />
      {webhook.old_secret_until && (
        <Text size="sm">
          {said.oldUntil} <When at={webhook.old_secret_until} withTime />.
        </Text>
      )}
      <Group className={css.acts} role="group" aria-label={said.label}>
        {disabled ? (
          <Button loading={changing.isPending} onClick={() => changing.mutate({ params, body: { enabled: true } })}>
            {said.enable}
          </Button>
        ) : (
          <Button loading={testing.isPending} onClick={() => testing.mutate({ params })}>
            {said.test}
          </Button>
        )}
        <Button variant="default" onClick={() => setOpen("change")}>
          {said.change}
        </Button>
        <Button variant="default" loading={rotating.isPending} onClick={() => rotating.mutate({ params })}>
          {said.rotate}
        </Button>
        {!disabled && (
          <Button
            variant="default"
            loading={changing.isPending}
            onClick={() => changing.mutate({ params, body: { enabled: false } })}
          >
            {said.disable}
          </Button>
        )}
        <Button variant="outline" color="madder" onClick={() => setOpen("remove")}>
          {said.remove}
        </Button>
      </Group>
    </>
  );
}

function Removing({ webhook, onKeep }: { webhook: Webhook; onKeep: () => void }) {
  const navigate = useNavigate();
  const removing = $api.useMutation("delete", "/v1/webhooks/{id}", {
    onSuccess: () => {
      void notify(said.removed(webhook.name));
      void navigate({ to: "/webhooks" });
    },
  });
  return (
    <section className={css.danger} aria-label={said.remove}>
      <ProblemAlert error={removing.error} />
      <Text mb="md">{said.sure}</Text>
      <Group>
        <Button
          color="madder"
          loading={removing.isPending}
          onClick={() => removing.mutate({ params: { path: { id: webhook.id } } })}
        >
          {said.do}
        </Button>
        <Button variant="default" onClick={onKeep} autoFocus>
          {said.keep}
        </Button>
      </Group>
    </section>
  );
}

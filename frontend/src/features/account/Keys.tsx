import { Badge, Button, Checkbox, Stack, Switch, Text, TextInput } from "@mantine/core";
import { type FormEvent, useRef, useState } from "react";
import { $api, type Schemas } from "../../api/client";
import { notify } from "../../ui/notify";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteAnchor } from "../../ui/RouteAnchor";
import { LinesSkeleton } from "../../ui/Skeletons";
import { When } from "../../ui/When";
import css from "./account.module.css";
import { NewKey } from "./NewKey";
import { text } from "./strings";

type Scope = Schemas["KeyIn"]["scopes"][number];
const USUAL: Scope[] = ["verify"];

export function Keys() {
  const keys = $api.useQuery("get", "/v1/me/keys");
  const revoking = $api.useMutation("delete", "/v1/me/keys/{id}", { onSuccess: () => keys.refetch() });
  function revoke({ id, name }: Schemas["KeyOut"]) {
    revoking.mutate({ params: { path: { id } } }, { onSuccess: () => void notify(text.keys.revoked(name)) });
  }
  return (
    <section className={css.section} aria-labelledby="keys">
      <h2 id="keys">{text.keys.title}</h2>
      <Text c="dimmed" size="sm">
        {text.keys.words} <RouteAnchor to="/webhooks">{text.keys.webhooks}</RouteAnchor>
      </Text>
      <ProblemAlert error={keys.error ?? revoking.error} onRetry={() => keys.refetch()} />
      {keys.isPending && <LinesSkeleton count={1} />}
      {keys.data?.length === 0 && <Text my="md">{text.keys.none}</Text>}
      <ul className={css.rows}>
        {keys.data?.map((key) => (
          <li key={key.id}>
            <div className={css.what}>
              <p>
                {key.name}{" "}
                {key.sandbox && (
                  <Badge variant="light" color="ochre" tt="none">
                    {text.keys.sandbox}
                  </Badge>
                )}
              </p>
              <Text size="sm" c="dimmed">
                {text.keys.starts} <code>{key.prefix}</code> · {key.scopes.join(", ")} · {text.keys.used}{" "}
                {key.used_at ? <When at={key.used_at} withTime /> : text.keys.never}
              </Text>
            </div>
            <Button
              size="sm"
              variant="default"
              aria-label={text.keys.revokeLabel(key.name)}
              onClick={() => revoke(key)}
            >
              {text.keys.revoke}
            </Button>
          </li>
        ))}
      </ul>
      <MakeKey onMade={() => void keys.refetch()} />
    </section>
  );
}

function MakeKey({ onMade }: { onMade: () => void }) {
  const form = useRef<HTMLFormElement>(null);
  const [scopes, setScopes] = useState<Scope[]>(USUAL);
  const [fault, setFault] = useState("");
  const making = $api.useMutation("post", "/v1/me/keys", {
    onSuccess: () => {
      form.current?.reset();
      setScopes(USUAL);
      onMade();
    },
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setFault(scopes.length === 0 ? text.keys.noScope : "");
    if (scopes.length === 0) return;
    const sent = new FormData(event.currentTarget);
    making.mutate({ body: { name: String(sent.get("name")), scopes, sandbox: sent.get("sandbox") !== null } });
  }
  if (making.data) return <NewKey made={making.data} onDone={() => making.reset()} />;
  return (
    <form ref={form} onSubmit={submit} className={css.form}>
      <Stack mt="md" align="start">
        <ProblemAlert error={making.error} />
        <TextInput
          name="name"
          label={text.keys.name}
          placeholder={text.keys.namePlaceholder}
          required
          maxLength={200}
          w="100%"
        />
        <Checkbox.Group
          label={text.keys.scopes}
          value={scopes}
          onChange={(chosen) => setScopes(chosen as Scope[])}
          error={fault}
        >
          <Stack mt="xs" gap="xs">
            {Object.entries(text.keys.scope).map(([scope, words]) => (
              <Checkbox key={scope} value={scope} label={scope} description={words} />
            ))}
          </Stack>
        </Checkbox.Group>
        <Switch name="sandbox" label={text.keys.trying} description={text.keys.tryingWords} />
        <Button type="submit" variant="default" loading={making.isPending}>
          {text.keys.make}
        </Button>
      </Stack>
    </form>
  );
}

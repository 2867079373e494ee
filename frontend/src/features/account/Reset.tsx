import { Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { $api } from "../../api/client";
import { useHouse } from "../../api/house";
import { asProblem } from "../../api/problem";
import { enter } from "../../api/session";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { advice } from "./advice";
import { fields } from "./fields";
import { Insecure } from "./Insecure";
import { tokenOf } from "./next";
import { text } from "./strings";

/** Another password: without a mailed link one is asked for, with one it is chosen. */
export function Reset() {
  const hash = useLocation({ select: (location) => location.hash });
  const [asks, setAsks] = useState(false);
  const token = tokenOf(hash);
  return token && !asks ? <Choose token={token} onAsk={() => setAsks(true)} /> : <Ask />;
}

function Ask() {
  const house = useHouse();
  const asking = $api.useMutation("post", "/v1/password-resets");
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    asking.mutate({ body: fields(event, "email") });
  }
  if (asking.data) {
    return (
      <Page title={text.reset.sent} lead={text.reset.sentWords(asking.data.email)} width="narrow">
        {house?.mail === "outbox" && <Text>{text.reset.outbox}</Text>}
      </Page>
    );
  }
  return (
    <Page title={text.reset.title} lead={text.reset.ask} width="narrow">
      <form onSubmit={submit}>
        <Stack>
          <ProblemAlert error={asking.error} advice={advice} />
          <TextInput name="email" type="email" label={text.email} autoComplete="username" required />
          <Button type="submit" size="md" loading={asking.isPending}>
            {text.reset.submit}
          </Button>
        </Stack>
      </form>
    </Page>
  );
}

function Choose({ token, onAsk }: { token: string; onAsk: () => void }) {
  const navigate = useNavigate();
  const saving = $api.useMutation("post", "/v1/password-resets/confirm", {
    onSuccess: (me) => {
      enter(me);
      void navigate({ to: "/account", replace: true });
    },
  });
  const ended = saving.error !== null && asProblem(saving.error).code === "link-ended";
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    saving.mutate({ body: { token, ...fields(event, "password") } });
  }
  return (
    <Page title={text.reset.title} lead={text.reset.choose} width="narrow">
      <Insecure />
      <form onSubmit={submit}>
        <Stack>
          <ProblemAlert error={saving.error} advice={advice} />
          {ended && (
            <Button variant="default" onClick={onAsk}>
              {text.reset.another}
            </Button>
          )}
          <PasswordInput
            name="password"
            label={text.reset.new}
            description={text.passwordHint}
            autoComplete="new-password"
            required
            minLength={10}
          />
          <Button type="submit" size="md" loading={saving.isPending}>
            {text.reset.save}
          </Button>
        </Stack>
      </form>
    </Page>
  );
}

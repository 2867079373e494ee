import { Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import type { FormEvent } from "react";
import { $api } from "../../api/client";
import { enter, useMe } from "../../api/session";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteAnchor } from "../../ui/RouteAnchor";
import { advice } from "./advice";
import { fields } from "./fields";
import { Insecure } from "./Insecure";
import { text } from "./strings";

export function SignIn({ next }: { next?: string }) {
  const navigate = useNavigate();
  const me = useMe();
  const signing = $api.useMutation("post", "/v1/sign-in", {
    onSuccess: (signedIn) => {
      enter(signedIn);
      void navigate({ href: next ?? "/" });
    },
  });

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    signing.mutate({ body: fields(event, "email", "password") });
  }
  return (
    <Page title={text.signIn.title} width="narrow">
      <Insecure />
      {me && (
        <Text mb="lg">
          {text.signIn.already(me.name)} <RouteAnchor to={next ?? "/"}>{text.signIn.on}</RouteAnchor>
        </Text>
      )}
      <form onSubmit={submit}>
        <Stack>
          <ProblemAlert error={signing.error} advice={advice} />
          <TextInput name="email" type="email" label={text.email} autoComplete="username" required />
          <PasswordInput name="password" label={text.password} autoComplete="current-password" required />
          <Button type="submit" size="md" loading={signing.isPending}>
            {text.signIn.submit}
          </Button>
          <Text size="sm">
            <RouteAnchor to="/reset">{text.signIn.forgot}</RouteAnchor>
          </Text>
          <Text size="sm">
            {text.signIn.fresh}{" "}
            <RouteAnchor to="/sign-up" search={{ next }}>
              {text.signIn.signUp}
            </RouteAnchor>
          </Text>
        </Stack>
      </form>
    </Page>
  );
}

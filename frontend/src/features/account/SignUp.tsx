import { Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import type { FormEvent } from "react";
import { $api, type Schemas } from "../../api/client";
import { asProblem } from "../../api/problem";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteAnchor } from "../../ui/RouteAnchor";
import { fields } from "./fields";
import { Insecure } from "./Insecure";
import { remember } from "./next";
import { RehearsedMail } from "./RehearsedMail";
import { text } from "./strings";

export function SignUp({ next }: { next?: string }) {
  const asking = $api.useMutation("post", "/v1/sign-up");
  const problem = asking.error ? asProblem(asking.error) : null;

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    remember(next);
    asking.mutate({ body: fields(event, "name", "email", "password") });
  }
  if (asking.data) return <Sent answer={asking.data} onAgain={() => asking.reset()} />;

  return (
    <Page title={text.signUp.title} lead={text.signUp.lead} width="narrow">
      <Insecure />
      <form onSubmit={submit}>
        <Stack>
          <ProblemAlert error={problem} />
          <TextInput
            name="name"
            label={text.name}
            description={text.nameHint}
            autoComplete="name"
            required
            maxLength={200}
            error={problem?.fault("name")}
          />
          <TextInput
            name="email"
            type="email"
            label={text.email}
            autoComplete="email"
            required
            error={problem?.fault("email")}
          />
          <PasswordInput
            name="password"
            label={text.password}
            description={text.passwordHint}
            autoComplete="new-password"
            required
            minLength={10}
            error={problem?.fault("password")}
          />
          <Button type="submit" size="md" loading={asking.isPending}>
            {text.signUp.submit}
          </Button>
          <Text size="sm">
            {text.signUp.have}{" "}
            <RouteAnchor to="/sign-in" search={{ next }}>
              {text.signUp.signIn}
            </RouteAnchor>
          </Text>
        </Stack>
      </form>
    </Page>
  );
}

function Sent({ answer, onAgain }: { answer: Schemas["SignUpOut"]; onAgain: () => void }) {
  return (
    <Page title={text.signUp.sent} lead={text.signUp.sentWords(answer.email)} width="narrow">
      {answer.rehearsed_mail ? (
        <RehearsedMail mail={answer.rehearsed_mail} />
      ) : (
        <Text c="dimmed">{text.signUp.nothing}</Text>
      )}
      <Button variant="subtle" mt="lg" px={0} onClick={onAgain}>
        {text.signUp.again}
      </Button>
    </Page>
  );
}

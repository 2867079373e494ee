import { Button, Loader, PasswordInput, Stack, Text } from "@mantine/core";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { $api } from "../../api/client";
import { asProblem } from "../../api/problem";
import { enter } from "../../api/session";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteAnchor } from "../../ui/RouteAnchor";
import { RouteButton } from "../../ui/RouteButton";
import css from "./account.module.css";
import { advice, choiceAdvice } from "./advice";
import { fields } from "./fields";
import { Insecure } from "./Insecure";
import { recall, tokenOf } from "./next";
import { text } from "./strings";

/**
 * Opens the account that a mailed link belongs to; the token is used once and then taken out of the address. A browser
 * that did not sign up is asked for the password: the mail alone does not say whose password the account would have.
 */
export function Confirm() {
  const navigate = useNavigate();
  const token = useRef(tokenOf(useLocation().hash));
  const [asked, setAsked] = useState(false);
  const opening = $api.useMutation("post", "/v1/sign-up/confirm", {
    onSuccess: (me) => {
      enter(me);
      const next = recall();
      if (next) void navigate({ href: next, replace: true });
      else void navigate({ to: "/confirm", hash: "", replace: true });
    },
    onError: (error) => {
      if (asProblem(error).code === "password-needed") setAsked(true);
    },
  });
  const begin = opening.mutate;
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current || !token.current) return;
    begun.current = true;
    begin({ body: { token: token.current } });
  }, [begin]);

  if (opening.data) return <Welcome name={opening.data.name} />;
  if (asked && !(opening.error && asProblem(opening.error).code === "link-ended")) {
    return (
      <Choice
        error={opening.error}
        pending={opening.isPending}
        onPassword={(password) => begin({ body: { token: token.current, password } })}
      />
    );
  }
  if (opening.error) {
    return (
      <Page title={text.confirm.title} width="narrow">
        <ProblemAlert error={opening.error} advice={advice} />
      </Page>
    );
  }
  if (!token.current) {
    return (
      <Page title={text.confirm.none} lead={text.confirm.noneWords} width="narrow">
        <RouteButton to="/sign-up">{text.signIn.signUp}</RouteButton>
      </Page>
    );
  }
  return (
    <Page title={text.confirm.title} width="narrow">
      <Loader aria-hidden="true" />
      <Text role="status">{text.confirm.doing}</Text>
    </Page>
  );
}

interface ChoiceProps {
  error: unknown;
  pending: boolean;
  onPassword: (password: string) => void;
}

function Choice({ error, pending, onPassword }: ChoiceProps) {
  const refused = error && asProblem(error).code !== "password-needed" ? error : null;
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    onPassword(fields(event, "password").password);
  }
  return (
    <Page title={text.confirm.choice} lead={text.confirm.choiceWords} width="narrow">
      <Insecure />
      <form onSubmit={submit}>
        <Stack>
          <ProblemAlert error={refused} advice={choiceAdvice} />
          <PasswordInput name="password" label={text.confirm.chosen} autoComplete="current-password" required />
          <Button type="submit" size="md" loading={pending}>
            {text.confirm.submit}
          </Button>
          <Text size="sm">
            {text.confirm.notYou} <RouteAnchor to="/sign-up">{text.confirm.again}</RouteAnchor>
          </Text>
        </Stack>
      </form>
    </Page>
  );
}

function Welcome({ name }: { name: string }) {
  return (
    <Page title={text.confirm.done(name)} lead={text.confirm.words}>
      <div className={css.choices}>
        <Link to="/studio" className={css.choice}>
          <strong>{text.confirm.make}</strong>
          {text.confirm.makeWords}
        </Link>
        <Link to="/my-styles" className={css.choice}>
          <strong>{text.confirm.license}</strong>
          {text.confirm.licenseWords}
        </Link>
      </div>
    </Page>
  );
}

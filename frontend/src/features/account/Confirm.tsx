import { Loader, Text } from "@mantine/core";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { $api } from "../../api/client";
import { enter } from "../../api/session";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteButton } from "../../ui/RouteButton";
import css from "./account.module.css";
import { advice } from "./advice";
import { recall, tokenOf } from "./next";
import { text } from "./strings";

/** Opens the account that a mailed link belongs to; the token is used once and then taken out of the address. */
export function Confirm() {
  const navigate = useNavigate();
  const token = useRef(tokenOf(useLocation().hash));
  const opening = $api.useMutation("post", "/v1/sign-up/confirm", {
    onSuccess: (me) => {
      enter(me);
      const next = recall();
      if (next) void navigate({ href: next, replace: true });
      else void navigate({ to: "/confirm", hash: "", replace: true });
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

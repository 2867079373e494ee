import { Button, PasswordInput, Stack, Text } from "@mantine/core";
import { type FormEvent, useRef } from "react";
import { $api } from "../../api/client";
import { queries } from "../../api/queries";
import { notify } from "../../ui/notify";
import { ProblemAlert } from "../../ui/ProblemAlert";
import css from "./account.module.css";
import { advice } from "./advice";
import { fields } from "./fields";
import { text } from "./strings";

export function Passwords() {
  const form = useRef<HTMLFormElement>(null);
  const changing = $api.useMutation("post", "/v1/me/password", {
    onSuccess: () => {
      form.current?.reset();
      void queries.invalidateQueries({ queryKey: ["get", "/v1/me/sessions"] });
      void notify(text.passwords.done);
    },
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    changing.mutate({ body: fields(event, "current", "new") });
  }
  return (
    <section className={css.section} aria-labelledby="password">
      <h2 id="password">{text.passwords.title}</h2>
      <Text c="dimmed" size="sm">
        {text.passwords.words}
      </Text>
      <form ref={form} onSubmit={submit} className={css.form}>
        <Stack mt="md" align="start">
          <ProblemAlert error={changing.error} advice={advice} />
          <PasswordInput
            name="current"
            label={text.passwords.current}
            autoComplete="current-password"
            required
            w="100%"
          />
          <PasswordInput
            name="new"
            label={text.passwords.new}
            description={text.passwordHint}
            autoComplete="new-password"
            minLength={10}
            required
            w="100%"
          />
          <Button type="submit" variant="default" loading={changing.isPending}>
            {text.passwords.submit}
          </Button>
        </Stack>
      </form>
    </section>
  );
}

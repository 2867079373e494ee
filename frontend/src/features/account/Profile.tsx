import { Button, Stack, Text, TextInput } from "@mantine/core";
import type { FormEvent } from "react";
import { $api } from "../../api/client";
import { queries } from "../../api/queries";
import { ME, type Me } from "../../api/session";
import { notify } from "../../ui/notify";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { When } from "../../ui/When";
import css from "./account.module.css";
import { fields } from "./fields";
import { text } from "./strings";

export function Profile({ me }: { me: Me }) {
  const saving = $api.useMutation("patch", "/v1/me", {
    onSuccess: (changed) => {
      queries.setQueryData(ME, changed);
      void notify(text.account.saved);
    },
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    saving.mutate({ body: fields(event, "name") });
  }
  return (
    <section className={css.section} aria-labelledby="profile">
      <h2 id="profile">{text.account.profile}</h2>
      <Text c="dimmed" size="sm">
        {text.account.email(me.email)} {text.account.joined} <When at={me.joined_at} />.
      </Text>
      <form onSubmit={submit} className={css.form}>
        <Stack mt="md" align="start">
          <ProblemAlert error={saving.error} />
          <TextInput
            name="name"
            label={text.name}
            defaultValue={me.name}
            autoComplete="name"
            required
            maxLength={200}
            w="100%"
          />
          <Button type="submit" variant="default" loading={saving.isPending}>
            {text.account.save}
          </Button>
        </Stack>
      </form>
    </section>
  );
}

import { Button, Group, PasswordInput, Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { $api } from "../../api/client";
import { enter } from "../../api/session";
import { notify } from "../../ui/notify";
import { ProblemAlert } from "../../ui/ProblemAlert";
import css from "./account.module.css";
import { advice } from "./advice";
import { fields } from "./fields";
import { text } from "./strings";

export function Erase() {
  const [open, setOpen] = useState(false);
  const navigate = useNavigate();
  const erasing = $api.useMutation("delete", "/v1/me", {
    onSuccess: () => {
      enter(null);
      void notify(text.erase.done);
      void navigate({ to: "/" });
    },
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    erasing.mutate({ body: fields(event, "password") });
  }
  return (
    <section className={css.section} aria-labelledby="erase">
      <h2 id="erase">{text.erase.title}</h2>
      <Text c="dimmed" size="sm" mb="md">
        {text.erase.words}
      </Text>
      {!open && (
        <Button variant="outline" color="madder" onClick={() => setOpen(true)}>
          {text.erase.open}
        </Button>
      )}
      {open && (
        <form onSubmit={submit} className={css.danger}>
          <Stack align="start">
            <ProblemAlert error={erasing.error} advice={advice} />
            <Text>{text.erase.sure}</Text>
            <PasswordInput
              name="password"
              label={text.password}
              autoComplete="current-password"
              required
              w="100%"
              maw="26rem"
              data-autofocus
            />
            <Group>
              <Button type="submit" color="madder" loading={erasing.isPending}>
                {text.erase.do}
              </Button>
              <Button variant="default" onClick={() => setOpen(false)}>
                {text.erase.keep}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </section>
  );
}

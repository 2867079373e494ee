import { Button, Checkbox, Group, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { KINDS, type Kind, type Webhook } from "./health";
import { text } from "./strings";
import css from "./Webhooks.module.css";

const said = text.form;

export interface Told {
  name: string;
  url: string;
  kinds: Kind[];
}

interface Props {
  /** What it is now, if there is one to change. */
  webhook?: Webhook;
  error: unknown;
  pending: boolean;
  onSubmit: (told: Told) => void;
  onCancel: () => void;
}

/** A webhook's name, address and kinds: a new one's, or what to change of one. */
export function WebhookForm({ webhook, error, pending, onSubmit, onCancel }: Props) {
  const [kinds, setKinds] = useState<string[]>(webhook?.kinds ?? KINDS);
  const [fault, setFault] = useState("");
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setFault(kinds.length === 0 ? said.noKind : "");
    if (kinds.length === 0) return;
    const sent = new FormData(event.currentTarget);
    onSubmit({
      name: String(sent.get("name")).trim(),
      url: String(sent.get("url")).trim(),
      kinds: KINDS.filter((kind) => kinds.includes(kind)),
    });
  }
  return (
    <form onSubmit={submit} className={css.form}>
      <Stack align="start">
        <ProblemAlert error={error} />
        <TextInput
          name="name"
          label={said.name}
          placeholder={said.namePlaceholder}
          defaultValue={webhook?.name}
          required
          maxLength={200}
          w="100%"
        />
        <TextInput
          name="url"
          type="url"
          label={said.url}
          description={said.urlHint}
          placeholder="https://example.org/homage"
          defaultValue={webhook?.url}
          required
          maxLength={2000}
          w="100%"
        />
        <Checkbox.Group label={said.kinds} value={kinds} onChange={setKinds} error={fault}>
          <Stack mt="xs" gap="xs">
            {KINDS.map((kind) => (
              <Checkbox key={kind} value={kind} label={kind} description={text.kinds[kind]} />
            ))}
          </Stack>
        </Checkbox.Group>
        <Group>
          <Button type="submit" loading={pending}>
            {webhook ? said.save : said.make}
          </Button>
          <Button variant="default" onClick={onCancel}>
            {webhook ? said.cancel : said.stop}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

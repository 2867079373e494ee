import { Button, Text, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { $api } from "../../api/client";
import { queries } from "../../api/queries";
import { ProblemAlert } from "../../ui/ProblemAlert";
import type { Use } from "./standing";
import { text } from "./strings";
import css from "./Uses.module.css";

const said = text.uses;

interface Props {
  use: Use;
  onDone: (withdrawn: number) => void;
  onCancel: () => void;
}

/** The second click: what will happen stands above it. */
export function Revoke({ use, onDone, onCancel }: Props) {
  const [reason, setReason] = useState<string>(said.reasonDefault);
  const revoke = $api.useMutation("delete", "/v1/licenses/{license}");
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const fault = reason.trim() === "" ? said.reasonFault : null;

  function submit(event: FormEvent) {
    event.preventDefault();
    if (fault) return;
    revoke.mutate(
      { params: { path: { license: use.id }, query: { reason: reason.trim() } } },
      {
        onSuccess: ({ effect }) => {
          onDone(effect.works_withdrawn);
          void queries.invalidateQueries({
            predicate: ({ queryKey }) => /uses|licenses|works/.test(String(queryKey[1])),
          });
        },
      },
    );
  }
  return (
    <form onSubmit={submit} className={css.confirm} noValidate>
      <h3 ref={heading} tabIndex={-1} className={css.effect}>
        {said.effect}
      </h3>
      <ul className={css.stops}>
        {said.stops.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <Text fw={600}>{said.count(said.works(use.works))}</Text>
      <TextInput
        label={said.reason}
        description={said.reasonHint}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={fault}
        maxLength={200}
      />
      <ProblemAlert error={revoke.error} />
      <div className={css.buttons}>
        <Button type="submit" color="madder" loading={revoke.isPending}>
          {said.confirm}
        </Button>
        <Button variant="default" onClick={onCancel} disabled={revoke.isPending}>
          {said.cancel}
        </Button>
      </div>
    </form>
  );
}

import { Button, Group, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { $api } from "../../api/client";
import { byCursor } from "../../api/queries";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { LinesSkeleton } from "../../ui/Skeletons";
import { When } from "../../ui/When";
import { text } from "./strings";
import css from "./Usage.module.css";
import type { Held as Line } from "./usage";

const said = text.held;

/** What anybody's lines name that is no work known here; whoever knows it says so. */
export function Held({ onSaid }: { onSaid: () => void }) {
  const pages = $api.useInfiniteQuery(
    "get",
    "/v1/usage/held",
    { params: { query: { limit: 10 } } },
    { ...byCursor, staleTime: 0 },
  );
  const lines = pages.data?.pages.flatMap(({ items }) => items);
  return (
    <section aria-labelledby="held">
      <h2 id="held" className={css.heading}>
        {said.title}
      </h2>
      <Text size="sm" c="dimmed">
        {said.words}
      </Text>
      <ProblemAlert error={pages.error} onRetry={pages.refetch} />
      {pages.isPending && <LinesSkeleton count={2} />}
      {lines?.length === 0 && <Text mt="sm">{said.none}</Text>}
      <ul className={css.rows}>
        {lines?.map((line) => (
          <Row key={line.reference + line.reporter} line={line} onSaid={onSaid} />
        ))}
      </ul>
      {pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => pages.fetchNextPage()}>
          {text.older}
        </Button>
      )}
    </section>
  );
}

function Row({ line, onSaid }: { line: Line; onSaid: () => void }) {
  const [open, setOpen] = useState(false);
  const { reference, name, lines, quantity, first_on, last_on } = line;
  return (
    <li>
      <code className={css.reference}>{reference}</code>
      <p className={css.fine}>
        {said.by(name)} · {said.lines(lines, quantity)} · {said.days} <When at={first_on} />
        {last_on !== first_on && (
          <>
            {" "}
            {said.to} <When at={last_on} />
          </>
        )}
      </p>
      {open ? (
        <Claim line={line} onSaid={onSaid} onCancel={() => setOpen(false)} />
      ) : (
        <Button variant="default" size="sm" mt="xs" onClick={() => setOpen(true)}>
          {said.claim}
        </Button>
      )}
    </li>
  );
}

interface ClaimProps {
  line: Line;
  onSaid: () => void;
  onCancel: () => void;
}

function Claim({ line: { reporter, reference }, onSaid, onCancel }: ClaimProps) {
  const saying = $api.useMutation("post", "/v1/usage/matches", {
    onSuccess: () => {
      onCancel();
      onSaid();
    },
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const work = String(new FormData(event.currentTarget).get("work")).trim();
    saying.mutate({ body: { reporter, reference, work } });
  }
  return (
    <form onSubmit={submit} className={css.form}>
      <ProblemAlert error={saying.error} />
      <TextInput name="work" label={said.work} placeholder={said.workHint} required maxLength={60} data-autofocus />
      <Group mt="sm" gap="xs">
        <Button type="submit" size="sm" loading={saying.isPending}>
          {said.do}
        </Button>
        <Button size="sm" variant="default" onClick={onCancel}>
          {said.cancel}
        </Button>
      </Group>
    </form>
  );
}

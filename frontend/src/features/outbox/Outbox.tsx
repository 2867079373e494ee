import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { $api } from "../../api/client";
import { byCursor } from "../../api/queries";
import { useMe } from "../../api/session";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { SignInFirst } from "../../ui/SignInFirst";
import { LinesSkeleton } from "../../ui/Skeletons";
import { When } from "../../ui/When";
import css from "./Outbox.module.css";
import { text } from "./strings";

/** For staff: the mail that has not left the house. */
export function Outbox() {
  const me = useMe();
  return (
    <Page title={text.title} lead={text.lead}>
      {me === undefined && <LinesSkeleton />}
      {me === null && <SignInFirst why={text.why} />}
      {me && !me.staff && <Empty title={text.staff} words={text.staffWords} />}
      {me?.staff && <Mails />}
    </Page>
  );
}

function Mails() {
  const [open, setOpen] = useState<string | null>(null);
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage } = $api.useInfiniteQuery(
    "get",
    "/v1/outbox",
    {},
    {
      ...byCursor,
    },
  );
  const mails = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      {isPending && <LinesSkeleton />}
      {data && mails.length === 0 && (
        <Empty title={text.empty} words={text.emptyWords}>
          <Button variant="default" onClick={() => void refetch()}>
            {text.reload}
          </Button>
        </Empty>
      )}
      <ul className={css.mails}>
        {mails.map((mail) => (
          <li key={mail.id}>
            <button
              type="button"
              className={css.line}
              aria-expanded={open === mail.id}
              onClick={() => setOpen(open === mail.id ? null : mail.id)}
            >
              <span className={css.subject}>{mail.subject}</span>
              <span className={css.to}>{mail.to}</span>
              <When at={mail.created_at} withTime />
            </button>
            {open === mail.id && <Mail id={mail.id} />}
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <Button variant="default" mt="md" onClick={() => void fetchNextPage()}>
          {text.more}
        </Button>
      )}
    </>
  );
}

function Mail({ id }: { id: string }) {
  const { data, error, isPending } = $api.useQuery("get", "/v1/outbox/{id}", { params: { path: { id } } });
  if (isPending) return <LinesSkeleton count={2} />;
  if (error) return <ProblemAlert error={error} />;
  return (
    <div className={css.mail}>
      {data.failure && <Text c="var(--no)">{text.refused(data.failure)}</Text>}
      {data.text === null ? <Text c="dimmed">{text.hidden}</Text> : <pre className={css.text}>{data.text}</pre>}
      {data.link && (
        <Button component="a" href={data.link} variant="default" mt="sm">
          {text.open}
        </Button>
      )}
    </div>
  );
}

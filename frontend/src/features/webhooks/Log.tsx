import { Button, NativeSelect, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { $api } from "../../api/client";
import { byCursor } from "../../api/queries";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { LinesSkeleton } from "../../ui/Skeletons";
import { DeliveryRow } from "./DeliveryRow";
import { lookAgain } from "./health";
import { STATES, type State } from "./search";
import { text } from "./strings";
import css from "./Webhooks.module.css";

const said = text.deliveries;
const KEPT = 30 * 24 * 3600 * 1000; // milliseconds

interface Props {
  id: string;
  state: State | undefined;
  onState: (state: State | undefined) => void;
  /** Something was sent, or is to be sent again: how the webhook fares may be another now. */
  onMoved: () => void;
}

/** What was sent to a webhook, the newest first, and once more. */
export function Log({ id, state, onState, onMoved }: Props) {
  const [done, setDone] = useState("");
  const path = { id };
  const pages = $api.useInfiniteQuery(
    "get",
    "/v1/webhooks/{id}/deliveries",
    { params: { path, query: { limit: 20, state } } },
    {
      ...byCursor,
      staleTime: 0,
      refetchInterval: ({ state: { data } }) => lookAgain(data?.pages.flatMap(({ items }) => items) ?? [], Date.now()),
    },
  );
  const replaying = $api.useMutation("post", "/v1/webhooks/{id}/replays", {
    onSuccess: ({ replayed }) => {
      setDone(said.replayed(replayed));
      void pages.refetch();
      onMoved();
    },
  });
  const deliveries = pages.data?.pages.flatMap(({ items }) => items);
  const attempts = deliveries?.reduce((sum, one) => sum + one.attempts, 0);
  useAfter(attempts, onMoved);
  const again = (body: { delivery: string } | { since: string }) => replaying.mutate({ params: { path }, body });
  const all = () => again({ since: new Date(Date.now() - KEPT).toISOString() });
  return (
    <section className={css.log} aria-labelledby="log">
      <h2 id="log" className={css.heading}>
        {said.title}
      </h2>
      <Text size="sm" c="dimmed">
        {said.words}
      </Text>
      <div className={css.tools}>
        <NativeSelect
          label={said.state}
          data={[
            { value: "", label: said.states.all },
            ...STATES.map((value) => ({ value, label: said.states[value] })),
          ]}
          value={state ?? ""}
          onChange={({ currentTarget }) => onState(STATES.find((one) => one === currentTarget.value))}
        />
        <Button variant="default" onClick={() => void pages.refetch()} loading={pages.isRefetching}>
          {said.refresh}
        </Button>
        <Button variant="default" onClick={all} loading={replaying.isPending}>
          {said.replayFailed}
        </Button>
      </div>
      <p role="status" className={css.done}>
        {done}
      </p>
      <ProblemAlert error={pages.error ?? replaying.error} onRetry={pages.error ? pages.refetch : undefined} />
      {pages.isPending && <LinesSkeleton />}
      {deliveries?.length === 0 && <Text my="md">{state ? said.noneFits : said.none}</Text>}
      <ul className={css.rows}>
        {deliveries?.map((delivery) => (
          <DeliveryRow
            key={delivery.id}
            webhook={id}
            delivery={delivery}
            replaying={replaying.isPending}
            onReplay={() => again({ delivery: delivery.id })}
          />
        ))}
      </ul>
      {pages.hasNextPage && (
        <Button variant="default" mt="md" loading={pages.isFetchingNextPage} onClick={() => pages.fetchNextPage()}>
          {text.loadMore}
        </Button>
      )}
    </section>
  );
}

/** Calls back when the number becomes another, but not when it first becomes known. */
function useAfter(count: number | undefined, call: () => void) {
  const latest = useRef(call);
  latest.current = call;
  const last = useRef(count);
  useEffect(() => {
    if (last.current !== undefined && last.current !== count) latest.current();
    last.current = count;
  }, [count]);
}

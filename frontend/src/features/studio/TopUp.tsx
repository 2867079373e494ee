import { Button, SegmentedControl } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { $api, idempotencyKey } from "../../api/client";
import { type Amount, format } from "../../api/money";
import { notify } from "../../ui/notify";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { amountsFor } from "./amounts";
import css from "./Deal.module.css";
import { text } from "./strings";

const LOOK_AGAIN = 1000; // milliseconds, while the payment is on its way

interface Props {
  credit: Amount;
  price: Amount;
  onDone: () => void;
}

/** Credit for this work, without leaving it. Brought into view when it opens. */
export function TopUp({ credit, price, onDone }: Props) {
  const { data: house } = $api.useQuery("get", "/v1/house", {}, { staleTime: Number.POSITIVE_INFINITY });
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.focus(), []);
  const missing = { amount: price.amount - credit.amount, asset: price.asset };
  const choices = amountsFor(missing.amount);
  const [chosen, setChosen] = useState<number | null>(null);
  const amount = { amount: chosen ?? choices[0] ?? 0, asset: "USD/6" as const };
  const { pay, busy, error, failed } = usePayment(onDone);
  if (house?.payments === "none") return <p className={css.fine}>{text.topUp.none}</p>;
  return (
    <section ref={box} tabIndex={-1} className={css.topUp} aria-labelledby="top-up">
      <h3 id="top-up">{text.topUp.title(format(missing))}</h3>
      <p>{text.topUp.words(format(credit), format(price))}</p>
      {house?.payments === "rehearsal" && <p className={css.rehearsal}>{text.topUp.rehearsal}</p>}
      <SegmentedControl
        className={css.amounts}
        fullWidth
        aria-label={text.topUp.amount}
        data={choices.map((units) => ({ value: String(units), label: format({ ...amount, amount: units }) }))}
        value={String(amount.amount)}
        onChange={(units) => setChosen(Number(units))}
      />
      <Button fullWidth loading={busy} onClick={() => pay(amount)}>
        {text.topUp.go(format(amount))}
      </Button>
      <div aria-live="polite">{busy && text.topUp.waiting}</div>
      {failed !== null && <p role="alert">{text.topUp.failed(failed)}</p>}
      <ProblemAlert error={error} />
    </section>
  );
}

/** One payment at a time; pressed again after a broken connection, it goes on with the same one. */
function usePayment(onDone: () => void) {
  const sent = useRef<{ units: number; key: string } | null>(null);
  const begin = $api.useMutation("post", "/v1/checkouts");
  const id = begin.data?.id ?? "";
  const { data: later } = $api.useQuery(
    "get",
    "/v1/checkouts/{id}",
    { params: { path: { id } } },
    { enabled: begin.data?.state === "pending", refetchInterval: LOOK_AGAIN },
  );
  const checkout = later ?? begin.data;
  const state = checkout?.state;
  const done = useRef(onDone);
  done.current = onDone;
  useEffect(() => {
    if (state === "succeeded" || state === "failed") sent.current = null;
    if (state === "succeeded" && checkout) {
      void notify(text.topUp.done(format(checkout.amount)));
      done.current();
    }
  }, [state, checkout]);
  const pay = (amount: { amount: number; asset: "USD/6" }) => {
    if (sent.current?.units !== amount.amount) sent.current = { units: amount.amount, key: idempotencyKey() };
    begin.mutate({ body: { amount }, params: { header: { "Idempotency-Key": sent.current.key } } });
  };
  return {
    pay,
    busy: begin.isPending || state === "pending",
    error: begin.error,
    failed: state === "failed" ? (checkout?.reason ?? "") : null,
  };
}

import { Alert, Button, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { $api, idempotencyKey, type Schemas } from "../../api/client";
import { format, parse } from "../../api/money";
import { queries } from "../../api/queries";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteButton } from "../../ui/RouteButton";
import { When } from "../../ui/When";
import css from "./Earnings.module.css";
import { text } from "./strings";

type Checkout = Schemas["Checkout"];
const said = text.topUp;
const CHOICES = ["5", "20", "50"];
const CENT = 10_000; // units
const LOOK_AGAIN = 2000; // milliseconds

/** Credit, by whatever takes payments here; that it is a rehearsal is said before, on the button, and after. */
export function TopUp({ next }: { next?: string }) {
  const [sum, setSum] = useState("20");
  const [key, setKey] = useState(idempotencyKey);
  const [tried, setTried] = useState(false);
  const { data: house } = $api.useQuery("get", "/v1/house", {}, { staleTime: 300_000 });
  const begin = $api.useMutation("post", "/v1/checkouts");
  const amount = parse(sum);
  const right = amount !== null && amount.amount >= CENT && amount.amount % CENT === 0;
  const rehearsal = house?.payments === "rehearsal";
  const fault = begin.error ? refused(begin.error) : tried && !right ? said.fault : null;

  function choose(next: string) {
    setSum(next);
    setKey(idempotencyKey()); // another sum is another payment
    begin.reset();
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (!right) return;
    begin.mutate(
      {
        body: { amount: { amount: amount.amount, asset: "USD/6" } },
        params: { header: { "Idempotency-Key": key } },
      },
      {
        onSuccess: () => {
          setKey(idempotencyKey());
          for (const path of ["/v1/balances", "/v1/checkouts", "/v1/statements", "/v1/quotes"]) {
            void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] === path });
          }
        },
      },
    );
  }
  if (house?.payments === "none") return <Text c="dimmed">{said.none}</Text>;
  return (
    <section aria-labelledby="top-up" className={css.topUp}>
      <h2 id="top-up" className={css.heading}>
        {said.title}
      </h2>
      {rehearsal ? <p className={css.rehearsal}>{said.rehearsal}</p> : <Text size="sm">{said.words}</Text>}
      <form onSubmit={submit} noValidate className={css.pay}>
        <div className={css.choices}>
          {CHOICES.map((choice) => (
            <Button
              key={choice}
              variant={sum === choice ? "light" : "default"}
              aria-pressed={sum === choice}
              onClick={() => choose(choice)}
            >
              ${choice}
            </Button>
          ))}
        </div>
        <TextInput
          label={said.amount}
          leftSection="$"
          inputMode="decimal"
          value={sum}
          onChange={(event) => choose(event.currentTarget.value)}
          error={fault}
        />
        <Button type="submit" loading={begin.isPending}>
          {right ? (rehearsal ? said.rehearse : said.pay)(format(amount)) : said.idle}
        </Button>
      </form>
      {begin.error && !fault && <ProblemAlert error={begin.error} />}
      <div role="status">{begin.data && <Outcome id={begin.data.id} known={begin.data} next={next} />}</div>
      <Recent />
    </section>
  );
}

/** What the API says of the sum itself belongs at its field. */
function refused(error: unknown): string | null {
  const faults = (error as { errors?: { pointer: string; detail: string }[] }).errors ?? [];
  return faults.some(({ pointer }) => pointer.includes("amount")) ? said.most : null;
}

function Outcome({ id, known, next }: { id: string; known: Checkout; next?: string }) {
  const { data = known } = $api.useQuery(
    "get",
    "/v1/checkouts/{id}",
    { params: { path: { id } } },
    { initialData: known, refetchInterval: ({ state }) => (state.data?.state === "pending" ? LOOK_AGAIN : false) },
  );
  if (data.state === "failed") return <Alert color="madder">{said.failed(data.reason ?? said.refused)}</Alert>;
  if (data.state === "pending") {
    return (
      <Alert color="ochre">
        {said.pending} {data.url && <a href={data.url}>{said.goPay}</a>}
      </Alert>
    );
  }
  return (
    <Alert color="viridian">
      {said.done(format(data.amount))}
      {next && (
        <div className={css.back}>
          <RouteButton to={next} size="sm">
            {said.back}
          </RouteButton>
        </div>
      )}
    </Alert>
  );
}

function Recent() {
  const { data } = $api.useQuery("get", "/v1/checkouts", { params: { query: { limit: 3 } } });
  if (!data || data.items.length === 0) return null;
  return (
    <div>
      <h3 className={css.small}>{said.recent}</h3>
      <ul className={css.recent}>
        {data.items.map(({ id, amount, state, created_at }) => (
          <li key={id}>
            <When at={created_at} withTime /> <span>{said.states[state]}</span> <strong>{format(amount)}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}

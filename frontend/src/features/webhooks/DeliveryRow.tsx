import { Badge, Button, Text } from "@mantine/core";
import { useState } from "react";
import { $api } from "../../api/client";
import { Copy } from "../../ui/Copy";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { LinesSkeleton } from "../../ui/Skeletons";
import { When } from "../../ui/When";
import { type Attempt, type Delivery, outcome } from "./health";
import { text } from "./strings";
import css from "./Webhooks.module.css";

const said = text.deliveries;
const COLORS = { waiting: "ochre", delivered: "viridian", failed: "madder" } as const;

interface Props {
  webhook: string;
  delivery: Delivery;
  replaying: boolean;
  onReplay: () => void;
}

/** One event on its way: a line that opens to what is sent and to every attempt. */
export function DeliveryRow({ webhook, delivery, replaying, onReplay }: Props) {
  const [open, setOpen] = useState(false);
  const { kind, state, created_at, attempts, last, due_at } = delivery;
  return (
    <li>
      <details className={css.delivery} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <span className={css.kind}>{kind}</span>
          <Badge variant="light" color={COLORS[state]} tt="none">
            {said.states[state]}
          </Badge>
          <span className={css.fine}>
            <When at={created_at} withTime /> · {said.attempts(attempts)}
            {last && ` · ${outcome(last)}`}
            {attempts > 0 && due_at && (
              <>
                {" "}
                · {said.next} <When at={due_at} withTime />
              </>
            )}
          </span>
        </summary>
        {open && <Whole key={attempts} webhook={webhook} delivery={delivery} />}
        {state !== "waiting" && (
          <Button variant="default" size="sm" mt="sm" loading={replaying} onClick={onReplay}>
            {said.replay}
          </Button>
        )}
      </details>
    </li>
  );
}

/** Shown anew, and so asked for anew, whenever another attempt was made. */
function Whole({ webhook, delivery }: { webhook: string; delivery: Delivery }) {
  const { data, error, refetch } = $api.useQuery(
    "get",
    "/v1/webhooks/{id}/deliveries/{delivery}",
    { params: { path: { id: webhook, delivery: delivery.id } } },
    { staleTime: 0 },
  );
  if (!data) return error ? <ProblemAlert error={error} onRetry={refetch} /> : <LinesSkeleton count={2} />;
  return (
    <>
      <Text size="sm" fw={600} mt="xs">
        {said.body}
      </Text>
      <Copy value={data.body} label={said.body} lines />
      <Text size="xs" c="dimmed" className={css.url} mt={4}>
        {said.event} {data.event}
      </Text>
      <Text size="sm" fw={600} mt="sm">
        {said.log}
      </Text>
      {data.log.length === 0 ? <Text size="sm">{said.untried}</Text> : <Attempts log={data.log} />}
    </>
  );
}

function Attempts({ log }: { log: Attempt[] }) {
  return (
    <table className={css.attempts}>
      <caption className="unseen">{said.log}</caption>
      <thead>
        <tr>
          <th scope="col">{said.columns.at}</th>
          <th scope="col">{said.columns.took}</th>
          <th scope="col">{said.columns.answer}</th>
        </tr>
      </thead>
      <tbody>
        {log.map((attempt) => (
          <tr key={attempt.number}>
            <td>
              <When at={attempt.at} withTime />
            </td>
            <td className="number">{said.took(attempt.took_ms)}</td>
            <td>
              {outcome(attempt)}
              {attempt.answer && <code className={css.answer}>{attempt.answer}</code>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

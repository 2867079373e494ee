import { Badge, Text } from "@mantine/core";
import { When } from "../../ui/When";
import type { Webhook } from "./health";
import { text } from "./strings";

const said = text.health;
const COLORS = { ok: "viridian", failing: "ochre", disabled: "madder" } as const;
const BECAUSE = { owner: said.owner, gone: said.gone, failing: said.failed } as const;

type Health = Webhook["health"];

export const HealthBadge = ({ state }: { state: Health["state"] }) => (
  <Badge variant="light" color={COLORS[state]} tt="none">
    {said[state]}
  </Badge>
);

/** How a webhook fares, in a line. */
export function HealthNote({ health }: { health: Health }) {
  return (
    <Text size="sm" c="dimmed">
      <Words health={health} />
    </Text>
  );
}

function Words({ health }: { health: Health }) {
  const { state, failures, failing_since, delivered_at, disabled_at, because } = health;
  if (state === "disabled" && disabled_at) {
    return (
      <>
        {said.on} <When at={disabled_at} withTime /> {BECAUSE[because ?? "owner"]}
      </>
    );
  }
  if (state === "failing" && failing_since) {
    return (
      <>
        {said.failures(failures)} {said.since} <When at={failing_since} withTime />.
      </>
    );
  }
  if (!delivered_at) return said.quiet;
  return (
    <>
      {said.arrived} <When at={delivered_at} withTime />.
    </>
  );
}

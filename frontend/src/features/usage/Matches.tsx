import { Badge, Button, Group, Text } from "@mantine/core";
import { $api } from "../../api/client";
import { byCursor } from "../../api/queries";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteAnchor } from "../../ui/RouteAnchor";
import { text } from "./strings";
import css from "./Usage.module.css";
import type { Match } from "./usage";

const said = text.matches;
const COLORS = { open: "ochre", confirmed: "viridian", refused: "gray" } as const;

/** What one said oneself, and what others say of one's own lines, to be confirmed or refused. */
export function Matches({ me, onDecided }: { me: string; onDecided: () => void }) {
  const pages = $api.useInfiniteQuery(
    "get",
    "/v1/usage/matches",
    { params: { query: { limit: 10 } } },
    { ...byCursor, staleTime: 0 },
  );
  const matches = pages.data?.pages.flatMap(({ items }) => items) ?? [];
  if (matches.length === 0 && !pages.error) return null;
  return (
    <section aria-labelledby="matches">
      <h2 id="matches" className={css.heading}>
        {said.title}
      </h2>
      <Text size="sm" c="dimmed">
        {said.words}
      </Text>
      <ProblemAlert error={pages.error} onRetry={pages.refetch} />
      <ul className={css.rows}>
        {matches.map((match) => (
          <Row key={match.id} match={match} mine={match.reporter === me} onDecided={onDecided} />
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

function Row({ match, mine, onDecided }: { match: Match; mine: boolean; onDecided: () => void }) {
  const deciding = $api.useMutation("put", "/v1/usage/matches/{match}/decision", { onSuccess: onDecided });
  const decide = (confirm: boolean) => deciding.mutate({ params: { path: { match: match.id } }, body: { confirm } });
  return (
    <li>
      <p className={css.top}>
        <code className={css.reference}>{match.reference}</code>
        <Badge variant="light" color={COLORS[match.state]} tt="none">
          {said.states[match.state]}
        </Badge>
      </p>
      <p className={css.fine}>
        {said.says}{" "}
        <RouteAnchor to="/works/$id" params={{ id: match.work }}>
          {match.work}
        </RouteAnchor>
      </p>
      <ProblemAlert error={deciding.error} />
      {mine && match.state === "open" && (
        <Group mt="xs" gap="xs">
          <Button size="sm" loading={deciding.isPending} onClick={() => decide(true)}>
            {said.confirm}
          </Button>
          <Button size="sm" variant="default" loading={deciding.isPending} onClick={() => decide(false)}>
            {said.refuse}
          </Button>
        </Group>
      )}
    </li>
  );
}

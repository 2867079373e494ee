import { Badge, Button, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { $api } from "../../api/client";
import { enter } from "../../api/session";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { LinesSkeleton } from "../../ui/Skeletons";
import { When } from "../../ui/When";
import css from "./account.module.css";
import { browserOf } from "./browser";
import { text } from "./strings";

export function Sessions() {
  const navigate = useNavigate();
  const sessions = $api.useQuery("get", "/v1/me/sessions");
  const ending = $api.useMutation("delete", "/v1/me/sessions/{id}", { onSuccess: () => sessions.refetch() });
  const leaving = $api.useMutation("delete", "/v1/me/sessions", {
    onSuccess: () => {
      enter(null);
      void navigate({ to: "/sign-in" });
    },
  });
  return (
    <section className={css.section} aria-labelledby="sessions">
      <h2 id="sessions">{text.sessions.title}</h2>
      <ProblemAlert error={sessions.error ?? ending.error ?? leaving.error} onRetry={() => sessions.refetch()} />
      {sessions.isPending && <LinesSkeleton count={2} />}
      <ul className={css.rows}>
        {sessions.data?.map(({ id, agent, created_at, seen_at, current }) => (
          <li key={id}>
            <div className={css.what}>
              <p>
                {browserOf(agent)}{" "}
                {current && (
                  <Badge variant="light" tt="none">
                    {text.sessions.here}
                  </Badge>
                )}
              </p>
              <Text size="sm" c="dimmed">
                {text.sessions.since} <When at={created_at} /> · {text.sessions.seen} <When at={seen_at} withTime />
              </Text>
            </div>
            {!current && (
              <Button
                size="sm"
                variant="default"
                aria-label={text.sessions.endLabel(browserOf(agent))}
                loading={ending.isPending && ending.variables?.params.path.id === id}
                onClick={() => ending.mutate({ params: { path: { id } } })}
              >
                {text.sessions.end}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Button variant="default" loading={leaving.isPending} onClick={() => leaving.mutate({})}>
        {text.sessions.all}
      </Button>
      <Text size="sm" c="dimmed" mt="xs">
        {text.sessions.allWords}
      </Text>
    </section>
  );
}

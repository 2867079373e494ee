import { Alert, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useRouterState } from "@tanstack/react-router";
import { asProblem, type Problem } from "../api/problem";
import css from "./ProblemAlert.module.css";
import { ADVICE, type Advice } from "./problems";
import { RouteButton } from "./RouteButton";
import { sentence } from "./sentence";

interface Props {
  /** Anything thrown; null shows nothing. */
  error: unknown;
  onRetry?: () => void;
  /** Replaces or completes the advice for some codes, where a page knows better. */
  advice?: Record<string, Advice>;
}

/** What happened, why, and what to do now. */
export function ProblemAlert({ error, onRetry, advice }: Props) {
  const here = useRouterState({ select: (state) => state.location.href });
  if (error === null || error === undefined) return null;
  const problem = asProblem(error);
  const known = advice?.[problem.code] ?? ADVICE[problem.code];
  const why = known?.why ?? sentence(problem.detail);
  return (
    <Alert
      role="alert"
      className={css.alert}
      data-tone={[401, 402, 429].includes(problem.status) ? "mind" : "no"}
      icon={<IconAlertTriangle aria-hidden="true" />}
      title={known?.what ?? sentence(problem.title)}
    >
      {why && <Text size="sm">{why}</Text>}
      <Faults problem={problem} />
      <Text size="sm">
        {known?.now} {waiting(problem)}
      </Text>
      {(known?.action || onRetry) && (
        <Group mt="sm" gap="xs">
          {known?.action && (
            <RouteButton size="sm" to={known.action.to} search={{ next: here }}>
              {known.action.label}
            </RouteButton>
          )}
          {onRetry && (
            <Button size="sm" variant="default" onClick={onRetry}>
              Try again
            </Button>
          )}
        </Group>
      )}
    </Alert>
  );
}

function Faults({ problem }: { problem: Problem }) {
  if (problem.errors.length < 2) return null;
  return (
    <ul>
      {problem.errors.map((fault) => (
        <li key={fault.pointer + fault.parameter + fault.detail}>
          {(fault.pointer.split("/").pop() || fault.parameter).replaceAll("_", " ")}: {fault.detail}
        </li>
      ))}
    </ul>
  );
}

function waiting({ retryAfter }: Problem): string {
  if (retryAfter === null || retryAfter < 2) return "";
  return retryAfter < 90
    ? `Try again in ${retryAfter} seconds.`
    : `Try again in ${Math.ceil(retryAfter / 60)} minutes.`;
}

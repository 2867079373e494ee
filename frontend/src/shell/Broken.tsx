import { Button, Text, Title } from "@mantine/core";
import { asProblem } from "../api/problem";
import { ProblemAlert } from "../ui/ProblemAlert";
import { Lost } from "./Lost";
import css from "./Shell.module.css";
import { text } from "./strings";

/** What is shown instead of a page that failed: a refusal in its own words, or what broke. */
export function Broken({ error }: { error: unknown }) {
  const problem = asProblem(error);
  if (problem.status === 404) return <Lost />;
  if (problem.code !== "page-error") return <ProblemAlert error={problem} onRetry={() => location.reload()} />;
  return (
    <div className={css.alone} role="alert">
      <Title order={1}>{text.broken.title}</Title>
      <Text my="lg">{text.broken.words}</Text>
      <pre className={css.trace}>{problem.detail}</pre>
      <Button mt="md" onClick={() => location.reload()}>
        {text.broken.again}
      </Button>
    </div>
  );
}

import { Button, FileButton, Progress, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { idempotencyKey } from "../../api/client";
import { useHouse } from "../../api/house";
import { post } from "../../api/post";
import { Copy } from "../../ui/Copy";
import { size } from "../../ui/file";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { EXAMPLE, text } from "./strings";
import css from "./Usage.module.css";
import { ENDINGS, type Report, typeOf } from "./usage";

const said = text.send;

interface Chosen {
  file: File;
  /** The report's name towards the house: trying again is no second report. */
  key: string;
}

/** A file of lines to report. */
export function Send({ onSent }: { onSent: () => void }) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [sent, setSent] = useState(0);
  const house = useHouse();
  const sending = useMutation({
    mutationFn: ({ file, key }: Chosen) =>
      post<Report>("/v1/usage", file, { type: typeOf(file.name) ?? "text/csv", key, onProgress: setSent }),
    onSuccess: () => {
      setChosen(null);
      onSent();
    },
  });
  function take(file: File | null) {
    sending.reset();
    setSent(0);
    if (file) setChosen({ file, key: idempotencyKey() });
  }
  const known = chosen && typeOf(chosen.file.name) !== null;
  return (
    <section aria-labelledby="send">
      <h2 id="send" className={css.heading}>
        {said.title}
      </h2>
      <Text size="sm" c="dimmed">
        {said.words} {house?.payments === "rehearsal" && said.rehearsal}
      </Text>
      <details className={css.more}>
        <summary>{said.example}</summary>
        <Copy value={EXAMPLE} label={said.exampleLabel} lines />
      </details>
      <div className={css.acts}>
        <FileButton onChange={take} accept={ENDINGS} disabled={sending.isPending}>
          {(props) => (
            <Button {...props} variant="default">
              {chosen ? said.other : said.choose}
            </Button>
          )}
        </FileButton>
        {chosen && (
          <span className={css.name}>
            {chosen.file.name} · {size(chosen.file.size)}
          </span>
        )}
        {known && (
          <Button loading={sending.isPending} onClick={() => sending.mutate(chosen)}>
            {said.submit}
          </Button>
        )}
      </div>
      {chosen && !known && (
        <Text size="sm" c="var(--no)" role="alert">
          {said.wrong}
        </Text>
      )}
      {sending.isPending && chosen && (
        <Progress value={(100 * sent) / Math.max(1, chosen.file.size)} mt="sm" aria-label={said.progress} />
      )}
      <p role="status" className={css.done}>
        {sending.isSuccess && said.sent}
      </p>
      <ProblemAlert error={sending.error} onRetry={() => chosen && sending.mutate(chosen)} />
    </section>
  );
}

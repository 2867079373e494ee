import { Button, Text, TextInput, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type RefObject, useEffect, useRef, useState } from "react";
import { api } from "../../api/client";
import { Copy } from "../../ui/Copy";
import { Drop } from "../../ui/Drop";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { LinesSkeleton } from "../../ui/Skeletons";
import { Answer } from "./Answer";
import { advice } from "./advice";
import { QuestionForm } from "./QuestionForm";
import { asking as about, curlLine, formOf, recognize, subjectOf } from "./question";
import { Samples } from "./Samples";
import type { Question } from "./search";
import { text } from "./strings";
import css from "./Verify.module.css";
import { say, type Verdict } from "./verdict";

interface Props {
  question: Question;
  onQuestion: (question: Question) => void;
}

const MOST = 1 << 30; // bytes; the house says itself what is too large

/** What is this file, whose is it, and may it be used so? The question lives in the address, so that it can be shared. */
export function Verify({ question, onQuestion }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const { mutate, ...asking } = useMutation({ mutationFn: ask });
  const answer = useRef<HTMLDivElement>(null);
  const { work, sha256, iscc, mark, url, use, territory, date } = question;
  const named = subjectOf(question)?.value;

  // The same whenever a file, a name or the use in mind changes: there is no button to forget.
  useEffect(() => {
    const asked = { work, sha256, iscc, mark, url, use, territory, date };
    if (file || subjectOf(asked)) mutate(formOf(asked, file));
  }, [file, work, sha256, iscc, mark, url, use, territory, date, mutate]);
  useArrival(answer, asking.data !== undefined && !asking.isPending ? (file ?? named) : null);

  function take(next: File) {
    onQuestion(about(question, null));
    setFile(next);
  }
  function name(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const subject = recognize(String(new FormData(event.currentTarget).get("subject") ?? ""));
    setFile(null);
    if (subject) onQuestion(about(question, subject));
  }
  function clear() {
    setFile(null);
    onQuestion(about(question, null));
    asking.reset();
  }

  return (
    <Page title={text.title} lead={text.lead}>
      <div className={css.desk}>
        <div className={css.ask}>
          <Drop
            file={file}
            onFile={take}
            onRemove={clear}
            label={text.drop}
            hint={text.dropHint}
            maxBytes={MOST}
            anything
          />
          <form onSubmit={name} className={css.number}>
            <TextInput
              key={named ?? ""}
              name="subject"
              label={text.number}
              description={text.numberWords}
              placeholder={text.numberHint}
              defaultValue={named ?? ""}
              maxLength={2000}
              className={css.field}
            />
            <Button type="submit" variant="default">
              {text.ask}
            </Button>
          </form>
          <QuestionForm question={question} onQuestion={onQuestion} />
        </div>
        <div ref={answer} tabIndex={-1} className={css.answer}>
          <p className="unseen" role="status">
            {asking.data && !asking.isPending && say(asking.data).title}
          </p>
          {asking.isIdle && <Before />}
          {asking.isPending && (
            <>
              <Text size="sm" c="dimmed" mb="sm">
                {text.asking}
              </Text>
              <LinesSkeleton count={5} />
            </>
          )}
          {asking.error && (
            <ProblemAlert
              error={asking.error}
              advice={advice}
              onRetry={() => asking.variables && mutate(asking.variables)}
            />
          )}
          {asking.data && !asking.isPending && <Answer verdict={asking.data} file={file} onClear={clear} />}
        </div>
      </div>
      <Samples />
      <section className={css.machines} aria-labelledby="machines">
        <Title order={2} size="h3" id="machines">
          {text.curl}
        </Title>
        <Text size="sm" c="dimmed" my="xs">
          {text.curlWords}
        </Text>
        <Copy value={curlLine(location.origin, question, file?.name ?? null)} label={text.curlLabel} />
      </section>
    </Page>
  );
}

/** The first answer about something new is brought into view; one about another use leaves people where they are. */
function useArrival(answer: RefObject<HTMLElement | null>, subject: File | string | null | undefined) {
  useEffect(() => {
    if (!subject) return;
    const place = answer.current;
    place?.focus({ preventScroll: true });
    const below = (place?.getBoundingClientRect().top ?? 0) > window.innerHeight * 0.6;
    if (below) place?.scrollIntoView({ block: "start" });
  }, [answer, subject]);
}

/** Where the answer will stand: what it will rest on. */
function Before() {
  return (
    <section aria-labelledby="before">
      <h2 id="before" className={css.before}>
        {text.before}
      </h2>
      <ol className={css.steps}>
        {text.steps.map(({ title, words }) => (
          <li key={title}>
            <strong>{title}</strong>
            {words}
          </li>
        ))}
      </ol>
    </section>
  );
}

async function ask(form: FormData): Promise<Verdict> {
  // openapi-fetch would write the fields as JSON; a form is sent as it is.
  const { data } = await api.POST("/v1/verifications", { body: {}, bodySerializer: () => form });
  if (!data) throw new Error("an answer without a verdict");
  return data;
}

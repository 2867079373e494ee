import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { $api, type Schemas } from "../../api/client";
import { byCursor } from "../../api/queries";
import { useMe } from "../../api/session";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { SignInFirst } from "../../ui/SignInFirst";
import { LinesSkeleton } from "../../ui/Skeletons";
import { PlayButton } from "../../ui/sound/PlayButton";
import { When } from "../../ui/When";
import css from "./Hearing.module.css";
import { text } from "./strings";

/** For staff: the takes of voices that a person has to hear. */
export function Hearing() {
  const me = useMe();
  return (
    <Page title={text.title} lead={text.lead}>
      {me === undefined && <LinesSkeleton />}
      {me === null && <SignInFirst why={text.why} />}
      {me && !me.staff && <Empty title={text.staff} words={text.staffWords} />}
      {me?.staff && <Takes />}
    </Page>
  );
}

function Takes() {
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage } = $api.useInfiniteQuery(
    "get",
    "/v1/voice-proofs",
    {},
    { ...byCursor },
  );
  const takes = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      {isPending && <LinesSkeleton />}
      {data && takes.length === 0 && (
        <Empty title={text.empty} words={text.emptyWords}>
          <Button variant="default" onClick={() => void refetch()}>
            {text.reload}
          </Button>
        </Empty>
      )}
      <ul className={css.takes}>
        {takes.map((take) => (
          <li key={take.id} className={css.take}>
            <Take take={take} onRuled={() => void refetch()} />
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <Button variant="default" mt="md" onClick={() => void fetchNextPage()}>
          {text.more}
        </Button>
      )}
    </>
  );
}

function Take({ take, onRuled }: { take: Schemas["ProofForStaff"]; onRuled: () => void }) {
  return (
    <>
      <div>
        <p className={css.phrase}>“{take.phrase}”</p>
        {take.taken_at && <When at={take.taken_at} withTime />}
      </div>
      <ul className={css.sounds}>
        {take.take && (
          <li>
            <PlayButton src={take.take} title={text.take} />
            {text.take}
          </li>
        )}
        {take.recordings.map((src, index) => (
          <li key={src}>
            <PlayButton src={src} title={text.recording(index + 1)} />
            {text.recording(index + 1)}
          </li>
        ))}
      </ul>
      <ul className={css.why}>
        {take.why.map((why) => (
          <li key={why}>{why}</li>
        ))}
        {take.likeness !== null && <li>{text.likeness(take.likeness)}</li>}
        {take.natural !== null && <li>{text.natural(take.natural)}</li>}
      </ul>
      <Ruling id={take.id} onRuled={onRuled} />
    </>
  );
}

function Ruling({ id, onRuled }: { id: string; onRuled: () => void }) {
  const [because, setBecause] = useState("");
  const rule = $api.useMutation("put", "/v1/voice-proofs/{proof}/ruling", { onSuccess: onRuled });
  const said = because.trim();
  function decide(passed: boolean): void {
    rule.mutate({ params: { path: { proof: id } }, body: { passed, because: said } });
  }
  return (
    <>
      <p>{text.listen}</p>
      <TextInput
        label={text.because}
        description={text.becauseHint}
        value={because}
        maxLength={500}
        onChange={(event) => setBecause(event.currentTarget.value)}
      />
      <ProblemAlert error={rule.error} />
      <div className={css.acts}>
        <Button disabled={!said} loading={rule.isPending} onClick={() => decide(true)}>
          {text.pass}
        </Button>
        <Button variant="default" disabled={!said} loading={rule.isPending} onClick={() => decide(false)}>
          {text.refuse}
        </Button>
      </div>
    </>
  );
}

import { Button, Loader, Text, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { $api, api, type Schemas } from "../../api/client";
import { send } from "../../api/upload";
import { Notice } from "../../ui/Notice";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { Recorder } from "../../ui/sound/lazy";
import { type OwnStyle, refresh, unproven } from "./own";
import { voice as said } from "./strings.voice";
import css from "./VoiceProof.module.css";

type Proof = Schemas["ProofOut"];

/** A phrase to speak, which shows that the recordings are of its creator's voice; nothing for an instrument. */
export function VoiceProof({ style }: { style: OwnStyle }) {
  const path = { params: { path: { style: style.id } } };
  const { data, error } = $api.useQuery("get", "/v1/styles/{style}/voice-proofs", path);
  const ask = $api.useMutation("post", "/v1/styles/{style}/voice-proofs", { onSuccess: () => refresh(style.id) });
  const take = useMutation({ mutationFn: sendTake, onSettled: () => refresh(style.id) });
  const [latest] = data ?? [];
  if (!unproven(style) && latest?.state !== "passed") return <ProblemAlert error={error} />;
  return (
    <section className={css.proof} aria-labelledby="voice">
      <Title order={3} id="voice">
        {said.title}
      </Title>
      {latest && !take.isPending && <Outcome proof={latest} proven={!unproven(style)} />}
      {unproven(style) && latest?.state !== "open" && (
        <>
          <Text size="sm" c="dimmed">
            {said.words}
          </Text>
          <div>
            <Button variant={latest ? "default" : "filled"} loading={ask.isPending} onClick={() => ask.mutate(path)}>
              {latest ? said.askAgain : said.ask}
            </Button>
          </div>
        </>
      )}
      {latest?.state === "open" && !take.isPending && (
        <Speak proof={latest} onRecorded={(file) => take.mutate({ proof: latest.id, file })} />
      )}
      {take.isPending && (
        <p className={css.waiting} role="status">
          <Loader size="sm" aria-hidden="true" /> {said.comparing}
        </p>
      )}
      <ProblemAlert error={ask.error ?? take.error ?? error} />
    </section>
  );
}

function Speak({ proof, onRecorded }: { proof: Proof; onRecorded: (file: File) => void }) {
  const until = new Date(proof.expires_at).toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" });
  return (
    <>
      <p>{said.say}</p>
      <blockquote className={css.phrase}>{proof.phrase}</blockquote>
      <Recorder onRecorded={onRecorded} />
      <Text size="sm" c="dimmed">
        {said.until(until)}
      </Text>
    </>
  );
}

function Outcome({ proof, proven }: { proof: Proof; proven: boolean }) {
  const why = proof.ruled_because ?? proof.why.join(", and ");
  if (proof.state === "passed" && proven) return <Answer tone="plain" title={said.passed} words={said.passedWords} />;
  if (proof.state === "unclear") return <Answer tone="mind" title={said.unclear} words={said.unclearWords} />;
  if (proof.state === "refused") return <Answer tone="no" title={said.refused} words={why && said.because(why)} />;
  return proof.state === "expired" ? <Answer tone="mind" title={said.expired} words="" /> : null;
}

function Answer({ tone, title, words }: { tone: "no" | "mind" | "plain"; title: string; words: string }) {
  return (
    <div role="status">
      <Notice tone={tone} title={title}>
        {words && <p>{words}</p>}
      </Notice>
    </div>
  );
}

/** The take as it was recorded; the house says at once what it makes of it. Throws Problem. */
async function sendTake({ proof, file }: { proof: string; file: File }): Promise<void> {
  const upload = await send(file);
  await api.PUT("/v1/voice-proofs/{proof}/take", { params: { path: { proof } }, body: { upload } });
}

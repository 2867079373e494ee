import { Button, Text, Title } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { $api } from "../../api/client";
import { notify } from "../../ui/notify";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { LinesSkeleton } from "../../ui/Skeletons";
import { TermsCard } from "../../ui/TermsCard";
import { Earn } from "./Earn";
import css from "./Edit.module.css";
import { firstFault } from "./faults";
import { keep, type OwnStyle, type TermsPreset } from "./own";
import { PresetCards } from "./PresetCards";
import { text } from "./strings";
import { TermsFields } from "./TermsFields";
import { dayOf, draftOf, faultsOf, type HeldTerms, offerOf, shownOf, type TermsDraft, unchanged } from "./terms";

const NOW = "now"; // the "preset" that is the offer which holds
const said = text.terms;

/** The terms as they are typed, or else as they hold now, with what is wrong in them. */
function useTerms(style: OwnStyle, [typed, write, clear]: HeldTerms) {
  const { data: whole } = $api.useQuery("get", "/v1/styles/{style}", { params: { path: { style: style.id } } });
  const current = whole?.terms ?? null;
  const fresh = typed.preset === null && current !== null;
  const draft = fresh ? draftOf(current, NOW) : typed;
  const change = (part: Partial<TermsDraft>) => write(fresh ? { ...draft, ...part } : part);
  const limits = {
    today: dayOf(Date.now()),
    until: style.consent?.expires_at.slice(0, 10) ?? null,
    training: whole?.ai_training ?? ("notAllowed" as const),
    medium: style.medium,
  };
  const faults = draft.preset === null ? {} : faultsOf(draft, limits);
  return { draft, change, clear, limits, faults, same: current !== null && unchanged(draft, current) };
}

/** From one of five sets of terms to one's own. Until the style is listed they lie here; then each is a version. */
export function TermsStep({ style, draft: held }: { style: OwnStyle; draft: HeldTerms }) {
  const { draft, change, clear, limits, faults, same } = useTerms(style, held);
  const navigate = useNavigate();
  const [tried, setTried] = useState(false);
  const path = { params: { path: { style: style.id } } };
  const { data: presets, error } = $api.useQuery("get", "/v1/terms/presets", {
    params: { query: { style: style.id } },
  });
  const publish = $api.useMutation("post", "/v1/styles/{style}/offers");
  const listed = style.state === "listed";

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setTried(true);
    if (Object.keys(faults).length > 0) return firstFault(event.currentTarget);
    if (!listed) return navigate({ to: "/my-styles/$id", params: { id: style.id }, search: { step: "publish" } });
    const offer = await publish.mutateAsync({ ...path, body: offerOf(draft, limits) }).catch(() => null);
    if (!offer) return; // the refusal is shown
    clear();
    keep({ ...style, offer: { ...offer.terms, id: offer.id, number: offer.number } });
    void notify(said.published(offer.number));
  }
  function pick({ id, terms }: TermsPreset) {
    setTried(false);
    change(draftOf(terms, id));
  }

  if (!presets) return error ? <ProblemAlert error={error} /> : <LinesSkeleton />;
  return (
    <form onSubmit={submit} noValidate>
      <PresetCards presets={presets} chosen={draft.preset} onPick={pick} />
      {draft.preset !== null && (
        <div className={css.two}>
          <div>
            <TermsFields draft={draft} change={change} faults={tried ? faults : shownEarly(faults)} limits={limits} />
            <ProblemAlert error={publish.error} />
            <Keep style={style} busy={publish.isPending} same={same} />
          </div>
          <aside className={css.side} aria-labelledby="as-fans">
            <Title order={3} id="as-fans" mb="sm">
              {said.shown}
            </Title>
            <TermsCard terms={shownOf(draft)} />
            <Earn draft={draft} offer={listed ? style.offer : null} />
          </aside>
        </div>
      )}
    </form>
  );
}

function Keep({ style: { state, offer }, busy, same }: { style: OwnStyle; busy: boolean; same: boolean }) {
  const listed = state === "listed";
  return (
    <>
      <Button type="submit" mt="lg" loading={busy} disabled={state === "retired" || (listed && same)}>
        {listed ? said.publish((offer?.number ?? 0) + 1) : said.keep}
      </Button>
      {listed && offer && (
        <Text size="sm" c="dimmed" mt="xs">
          {said.now(offer.number)}. {said.later}
        </Text>
      )}
    </>
  );
}

/** Before anyone has tried to go on, only what was contradicted is marked, not what is not filled in yet. */
function shownEarly({ uses, endsOn }: ReturnType<typeof faultsOf>): ReturnType<typeof faultsOf> {
  return { uses, endsOn };
}

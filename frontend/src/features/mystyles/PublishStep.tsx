import { Button, Text } from "@mantine/core";
import { IconCheck, IconCircleDashed } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { $api, api } from "../../api/client";
import { Copy } from "../../ui/Copy";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteButton } from "../../ui/RouteButton";
import { TermsCard } from "../../ui/TermsCard";
import css from "./Edit.module.css";
import { FanCard } from "./FanCard";
import { keep, live, type NewOffer, type OwnStyle, unproven } from "./own";
import check from "./Publish.module.css";
import { text } from "./strings";
import { dayOf, faultsOf, type HeldTerms, offerOf, shownOf, type TermsDraft, unchanged } from "./terms";
import { type Lack, lacking } from "./words";

const said = text.publish;

/** What would be published: the terms, what is missing, and what is wrong. */
function useProspect(style: OwnStyle, draft: TermsDraft) {
  const { data: whole } = $api.useQuery("get", "/v1/styles/{style}", { params: { path: { style: style.id } } });
  const current = whole?.terms ?? null;
  const limits = {
    today: dayOf(Date.now()),
    until: style.consent?.expires_at.slice(0, 10) ?? null,
    training: whole?.ai_training ?? ("notAllowed" as const),
    medium: style.medium,
  };
  const anew = draft.preset !== null && !(current && unchanged(draft, current));
  const faults = anew ? Object.values(faultsOf(draft, limits)) : [];
  const lacks = new Set(lacking(style, draft.preset !== null));
  if (faults.length > 0) lacks.add("terms");
  const offer = anew ? offerOf(draft, limits) : null;
  return { current, offer, terms: offer ? shownOf(draft) : current, faults, lacks };
}

/** What fans will see, what is still missing, and the button; afterwards the way to the public page. */
export function PublishStep({ style, draft: [draft, , clear] }: { style: OwnStyle; draft: HeldTerms }) {
  const { current, offer, terms, faults, lacks } = useProspect(style, draft);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);

  async function publish() {
    setBusy(true);
    setRefused(null);
    try {
      await list(style.id, offer);
      if (offer) clear();
    } catch (error) {
      setRefused(error);
    } finally {
      setBusy(false);
    }
  }

  if (style.state === "listed" && style.offer !== null) {
    return <Live style={style} terms={current ? <TermsCard terms={current} /> : null} />;
  }
  return (
    <div className={css.two}>
      <div>
        <h3 className={check.heading}>{said.list}</h3>
        <Checklist style={style} lacks={lacks} faults={faults} />
        {style.state === "listed" && !busy && <Text className={check.mind}>{said.half}</Text>}
        <ProblemAlert error={refused} onRetry={publish} />
        {style.state !== "held" && (
          <>
            <Button size="lg" mt="lg" loading={busy} disabled={lacks.size > 0} onClick={publish}>
              {style.state === "draft" ? said.go : said.again}
            </Button>
            <Text size="sm" c="dimmed" mt="xs">
              {said.words}
            </Text>
          </>
        )}
      </div>
      <div className={check.preview}>
        <FanCard style={style} terms={terms} />
        {terms && <TermsCard terms={terms} />}
      </div>
    </div>
  );
}

/** Lists the style, and offers it on these terms; a style must be listed before it can be offered. */
async function list(id: string, terms: NewOffer | null): Promise<void> {
  const path = { params: { path: { style: id } } };
  const { data } = await api.POST("/v1/styles/{style}/publication", path);
  if (!data) return;
  if (!terms) return keep(data);
  try {
    const { data: offer } = await api.POST("/v1/styles/{style}/offers", { ...path, body: terms });
    if (offer) keep({ ...data, offer: { ...offer.terms, id: offer.id, number: offer.number } });
  } catch (error) {
    keep(data);
    throw error;
  }
}

const ORDER: readonly Lack[] = ["name", "works", "consent", "terms"];

function Checklist({ style, lacks, faults }: { style: OwnStyle; lacks: ReadonlySet<Lack>; faults: string[] }) {
  const ready = { ...said.ready, works: said.ready.works(live(style).length) };
  return (
    <ul className={check.list}>
      {ORDER.map((step) => (
        <li key={step} data-done={!lacks.has(step)}>
          {lacks.has(step) ? <IconCircleDashed aria-hidden="true" /> : <IconCheck aria-hidden="true" />}
          <span>
            {lacks.has(step) ? (step === "works" && unproven(style) ? said.voice : said.lacks[step]) : ready[step]}
            {step === "terms" && faults.length > 0 && <span className={check.fault}> {faults.join(" ")}</span>}
          </span>
          {lacks.has(step) && (
            <Link to="/my-styles/$id" params={{ id: style.id }} search={{ step }}>
              {said.fix[step]}
            </Link>
          )}
        </li>
      ))}
    </ul>
  );
}

function Live({ style, terms }: { style: OwnStyle; terms: ReactNode }) {
  return (
    <div className={css.two} role="status">
      <div>
        <Text>{said.liveWords}</Text>
        <div className={check.ways}>
          <RouteButton to="/styles/$id" params={{ id: style.id }}>
            {said.see}
          </RouteButton>
          <RouteButton to="/studio" search={{ style: style.id }} variant="default">
            {said.try}
          </RouteButton>
          <RouteButton to="/earnings" variant="default">
            {said.earnings}
          </RouteButton>
        </div>
        <Text size="sm" fw={600} mt="lg" mb="xs">
          {said.link}
        </Text>
        <Copy value={`${location.origin}/styles/${style.id}`} label={said.link} />
      </div>
      <div className={check.preview}>{terms}</div>
    </div>
  );
}

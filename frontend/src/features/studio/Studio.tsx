import { SegmentedControl } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useMe } from "../../api/session";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { SignInFirst } from "../../ui/SignInFirst";
import { PageSkeleton } from "../../ui/Skeletons";
import { Actions, Deal, TAKES } from "./Deal";
import { Parts, type Tool } from "./Parts";
import { Settings } from "./Settings";
import { Stage } from "./Stage";
import css from "./Studio.module.css";
import { Styles } from "./Styles";
import { type StudioSearch, stylesIn } from "./search";
import { text } from "./strings";
import { Takes } from "./Takes";
import type { Kind, Work } from "./types";
import { type Draft, seedsFrom, useDraft } from "./useDraft";
import { useMake } from "./useMake";
import { useQuote } from "./useQuote";
import { useRepaint } from "./useRepaint";
import { useSetup } from "./useSetup";
import { useStyles } from "./useStyles";
import { useTakeover } from "./useTakeover";

/** Where works are made. What is set up outlives a reload and signing in. */
export function Studio({ search }: { search: StudioSearch }) {
  const { draft, ready, change } = useDraft();
  return (
    <Page title={text.title}>{ready ? <Bench search={search} draft={draft} change={change} /> : <PageSkeleton />}</Page>
  );
}

interface Props {
  search: StudioSearch;
  draft: Draft;
  change: (part: Partial<Draft>) => void;
}

function Bench({ search, draft, change }: Props) {
  const me = useMe();
  const stage = useRef<HTMLDivElement>(null);
  const [toppingUp, setToppingUp] = useState(false);
  const [tool, setTool] = useState<Tool | null>(null);
  const { ids, go } = useAddress(search, draft, change);
  const chosen = useStyles(ids);
  const repaint = useRepaint(search.rework, { draft, change, onStyles: (styles) => go({ styles }) });
  const setup = useSetup(draft, chosen, repaint);
  const { engine, params, offers, complete, medium, source } = setup;
  const sound = medium === "sound";
  const quote = useQuote(complete ? offers : [], engine?.name);
  const [gate, setGate] = useState<Kind | null>(null);
  const show = () => stage.current?.scrollIntoView({ block: "nearest" });
  const { make, busy, problem, upload, backingUpload } = useMake({
    source: repaint ? null : source,
    backing: sound && source ? draft.backing : null,
    fader: draft.fader,
    parts: setup.parts,
    onUploaded: (id) =>
      source?.kind === "file" && change({ [sound ? "recording" : "source"]: { ...source, upload: id } }),
    onBacking: (id) => draft.backing && change({ backing: { ...draft.backing, upload: id } }),
    onMade: (works) => {
      const [one, other] = works.map(({ id }) => id);
      go(other ? { takes: works.map(({ id }) => id), take: null } : { takes: null, take: one ?? null });
      show();
    },
  });
  useEffect(() => {
    if (medium !== draft.medium) change({ medium }); // a reload begins with it, before any style is there to say so
  }, [medium, draft.medium, change]);
  const takeover = useTakeover(search.from, { change, onDone: (styles) => go({ styles, from: null }) });

  async function order(kind: Kind, seeds: number[]) {
    if (me === null) return setGate(kind);
    // What the page knows may be of before the credit was topped up.
    if (kind === "work" && quote.data?.enough === false && (await quote.refetch())?.enough === false)
      return setToppingUp(true);
    if (engine) void make(kind, { offers, engine: engine.name, params, rework: repaint?.id ?? null, seeds });
  }
  function adopt(work: Work, withPicture: boolean) {
    takeover.adopt(work, withPicture);
    go({ styles: work.styles.map(({ style }) => style) });
  }
  function open(one: Tool) {
    setTool(one);
    go({ take: null, takes: null });
    show();
  }

  return (
    <div className={css.bench}>
      <div className={css.stage} ref={stage}>
        {ids.length === 0 && !repaint && setup.media.length > 1 && (
          <SegmentedControl
            mb="md"
            aria-label={text.media.label}
            data={setup.media.map((value) => ({ value, label: text.media[value] }))}
            value={medium}
            onChange={(value) => change({ medium: value === "sound" ? "sound" : "picture" })}
          />
        )}
        <Stage
          search={search}
          go={go}
          signedIn={Boolean(me)}
          draft={draft}
          change={change}
          chosen={chosen}
          params={params}
          engine={engine}
          tool={tool}
          onTool={setTool}
          repaint={repaint}
          medium={medium}
          upload={upload}
          backingUpload={backingUpload}
          onAdopt={adopt}
        />
        {!tool && (
          <Parts
            draft={draft}
            change={change}
            engine={engine}
            styles={ids.length}
            repainting={repaint !== null}
            onTool={open}
          />
        )}
        {me && (
          <Takes
            source={source}
            medium={medium}
            repainted={repaint?.work}
            take={search.take}
            several={search.takes !== undefined}
            onTake={(take) => go({ take: take ?? null, ...(!take && { takes: null }) })}
          />
        )}
      </div>
      <div className={css.panel}>
        <Styles
          chosen={chosen}
          weights={draft.weights}
          medium={medium}
          mixes={engine?.accepts.includes("mix") ?? false}
          onStyles={(styles) => go({ styles })}
          onWeights={(weights) => change({ weights })}
        />
        <Settings {...setup} draft={draft} change={change} />
        {complete && (
          <Deal
            quote={quote.data}
            error={quote.error}
            onRetry={() => void quote.refetch()}
            toppingUp={toppingUp}
            onTopUp={() => setToppingUp(true)}
            onToppedUp={() => {
              setToppingUp(false);
              void quote.refetch();
            }}
          />
        )}
        {me === null && gate && <Gate kind={gate} />}
        <ProblemAlert error={problem} advice={text.problems} />
        <Actions
          quote={quote.data}
          missing={setup.missing}
          busy={busy}
          onMake={(kind) => void order(kind, [draft.seed])}
          onTakes={() => void order("preview", seedsFrom(draft.seed, TAKES))}
        />
      </div>
    </div>
  );
}

/** Asks to sign in where it matters; brought into view, and read out. */
function Gate({ kind }: { kind: Kind }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div ref={box} tabIndex={-1} className={css.gate}>
      <SignInFirst title={text.gate[kind]} why={text.gate.why} />
    </div>
  );
}

interface Change {
  styles?: string[];
  take?: string | null;
  takes?: string[] | null;
  rework?: string | null;
  from?: null;
}
/** Changes what stands in the address; null takes it out. */
export type Go = (change: Change) => void;

/** The chosen styles and the take stand in the address; where it names no style, those last chosen come back. */
function useAddress(search: StudioSearch, draft: Draft, change: (part: Partial<Draft>) => void) {
  const navigate = useNavigate();
  const ids = stylesIn(search.style ?? (search.from || search.rework ? "" : draft.styles.join(".")));
  const named = ids.join(".");
  const remembered = draft.styles.join(".");
  useEffect(() => {
    if (search.style && remembered !== search.style) change({ styles: stylesIn(search.style) });
  }, [search.style, remembered, change]);
  function go({ styles, take, takes, rework, from }: Change) {
    const next: StudioSearch = { ...search, style: named };
    if (styles) {
      change({ styles });
      next.style = styles.join(".");
    }
    if (take !== undefined) next.take = take ?? undefined;
    if (takes !== undefined) next.takes = takes?.join(".") || undefined;
    if (rework !== undefined) next.rework = rework ?? undefined;
    if (from === null) next.from = undefined;
    if (!next.style) next.style = undefined;
    void navigate({ to: "/studio", search: next, replace: true, resetScroll: false });
  }
  return { ids, go };
}

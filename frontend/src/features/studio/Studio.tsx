import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useMe } from "../../api/session";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { SignInFirst } from "../../ui/SignInFirst";
import { PageSkeleton } from "../../ui/Skeletons";
import { Actions, Deal } from "./Deal";
import { Picture } from "./Picture";
import { Settings } from "./Settings";
import css from "./Studio.module.css";
import { Styles } from "./Styles";
import { fitting } from "./schema";
import { type StudioSearch, stylesIn } from "./search";
import { text } from "./strings";
import { Take } from "./Take";
import { Takes } from "./Takes";
import type { Kind, Work } from "./types";
import { type Draft, useDraft } from "./useDraft";
import { useEngine } from "./useEngine";
import { useMake } from "./useMake";
import { useQuote } from "./useQuote";
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
  const { ids, go } = useAddress(search, draft, change);
  const chosen = useStyles(ids);
  const { engines, engine, controls, error } = useEngine(draft.engine);
  const offers = chosen.flatMap(({ id, style }) =>
    style?.offer ? [{ offer: style.offer.id, weight: draft.weights[id] ?? 1 }] : [],
  );
  const complete = offers.length > 0 && offers.length === ids.length;
  const quote = useQuote(complete ? offers : [], engine?.name);
  const [gate, setGate] = useState<Kind | null>(null);
  const { make, busy, problem, upload } = useMake({
    source: draft.source,
    onUploaded: (id) => draft.source?.kind === "file" && change({ source: { ...draft.source, upload: id } }),
    onMade: ({ id }) => {
      go({ take: id });
      stage.current?.scrollIntoView({ block: "nearest" });
    },
  });
  const takeover = useTakeover(search.from, { change, onDone: (styles) => go({ styles, from: null }) });
  const optional = engine?.accepts.includes("compose") ?? false;
  const missing = !complete ? text.deal.needsStyle : draft.source || optional ? "" : text.deal.needsPicture;

  function onMake(kind: Kind) {
    if (me === null) return setGate(kind);
    if (kind === "work" && quote.data?.enough === false) return setToppingUp(true);
    if (engine)
      void make(kind, { offers, engine: engine.name, params: fitting(controls, draft.params), seed: draft.seed });
  }
  function adopt(work: Work) {
    takeover.adopt(work);
    go({ styles: work.styles.map(({ style }) => style) });
  }

  return (
    <div className={css.bench}>
      <div className={css.stage} ref={stage}>
        {search.take && me ? (
          <Take
            key={search.take}
            id={search.take}
            seed={draft.seed}
            params={fitting(controls, draft.params)}
            styles={ids}
            onSeed={(seed) => change({ seed })}
            onSettings={adopt}
          />
        ) : (
          <Picture
            source={draft.source}
            onSource={(source) => change({ source })}
            optional={optional}
            sending={upload.state}
            onStop={() => change({ source: null })}
            onRetry={upload.retry}
          />
        )}
        {me && <Takes picture={draft.source} take={search.take} onTake={(take) => go({ take: take ?? null })} />}
      </div>
      <div className={css.panel}>
        <Styles
          chosen={chosen}
          weights={draft.weights}
          mixes={engine?.accepts.includes("mix") ?? false}
          onStyles={(styles) => go({ styles })}
          onWeights={(weights) => change({ weights })}
        />
        <Settings engines={engines} engine={engine} controls={controls} error={error} draft={draft} change={change} />
        {complete && (
          <Deal
            quote={quote.data}
            error={quote.error}
            onRetry={quote.refetch}
            toppingUp={toppingUp}
            onTopUp={() => setToppingUp(true)}
            onToppedUp={() => {
              setToppingUp(false);
              quote.refetch();
            }}
          />
        )}
        {me === null && gate && <Gate kind={gate} />}
        <ProblemAlert error={problem} advice={text.problems} />
        <Actions quote={quote.data} missing={missing} busy={busy} onMake={onMake} />
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
  from?: null;
}

/** The chosen styles and the take stand in the address; where it names no style, those last chosen come back. */
function useAddress(search: StudioSearch, draft: Draft, change: (part: Partial<Draft>) => void) {
  const navigate = useNavigate();
  const ids = stylesIn(search.style ?? (search.from ? "" : draft.styles.join(".")));
  const named = ids.join(".");
  const remembered = draft.styles.join(".");
  useEffect(() => {
    if (search.style && remembered !== search.style) change({ styles: stylesIn(search.style) });
  }, [search.style, remembered, change]);
  function go({ styles, take, from }: Change) {
    const next: StudioSearch = { ...search, style: named };
    if (styles) {
      change({ styles });
      next.style = styles.join(".");
    }
    if (take !== undefined) next.take = take ?? undefined;
    if (from === null) next.from = undefined;
    if (!next.style) next.style = undefined;
    void navigate({ to: "/studio", search: next, replace: true, resetScroll: false });
  }
  return { ids, go };
}

import { Text, Title } from "@mantine/core";
import { useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useMe } from "../../api/session";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteButton } from "../../ui/RouteButton";
import { SignInFirst } from "../../ui/SignInFirst";
import { PageSkeleton } from "../../ui/Skeletons";
import { ConsentStep } from "./ConsentStep";
import { useDraft } from "./draft";
import css from "./Edit.module.css";
import { Manage } from "./Manage";
import { StateBadge } from "./MyStyles";
import { NameStep } from "./NameStep";
import { done, next, type OwnStyle, STEPS, type Step, useOwnStyle } from "./own";
import { Presets } from "./Presets";
import { PublishStep } from "./PublishStep";
import { Steps } from "./Steps";
import { text } from "./strings";
import { TermsStep } from "./TermsStep";
import { NO_TERMS } from "./terms";
import { WorksStep } from "./WorksStep";

/** One of my styles: the way to being live, and what comes after. */
export function EditStyle() {
  const me = useMe();
  const { id } = useParams({ from: "/my-styles/$id" });
  if (me === undefined) return <PageSkeleton />;
  if (me === null) {
    return (
      <Page title={text.title} width="narrow">
        <SignInFirst why={text.why} />
      </Page>
    );
  }
  return <Known key={id} id={id} />;
}

function Known({ id }: { id: string }) {
  const { data: style, error, refetch } = useOwnStyle(id);
  if (!style) return error ? <ProblemAlert error={error} onRetry={refetch} /> : <PageSkeleton />;
  return <Editing style={style} />;
}

const PARTS = {
  name: { title: text.name.title, lead: null },
  works: { title: text.works.title, lead: null },
  consent: { title: text.consent.title, lead: text.consent.lead },
  terms: { title: text.terms.title, lead: text.terms.lead },
  publish: { title: text.publish.title, lead: text.publish.lead },
};

function Editing({ style }: { style: OwnStyle }) {
  const search = useSearch({ from: "/my-styles/$id" });
  const terms = useDraft(`terms:${style.id}`, NO_TERMS, "browser");
  const chosen = terms[0].preset !== null;
  const first = useRef(next(style, chosen)); // the step does not jump on while one is at it
  const at = search.step ?? first.current;
  const state = done(style, chosen);
  const heading = useArrival(at);
  const { title } = PARTS[at];
  const lead = at === "works" ? text.works.lead[style.medium] : PARTS[at].lead;
  const live = at === "publish" && state.publish;

  return (
    <Page title={style.name} lead={<StateBadge style={style} />}>
      <Steps style={style.id} at={at} done={state} />
      <section className={css.part} data-wide={at !== "name" && at !== "consent"} aria-labelledby="part">
        <Title order={2} id="part" ref={heading} tabIndex={-1} className={css.heading}>
          {live ? text.publish.live : title}
        </Title>
        {lead && !live && (
          <Text c="dimmed" mb="lg" className={css.lead}>
            {lead}
          </Text>
        )}
        {at === "name" && <NameStep style={style} />}
        {at === "works" && <WorksStep style={style} />}
        {at === "consent" && <ConsentStep style={style} terms={terms} />}
        {at === "terms" && <TermsStep style={style} draft={terms} />}
        {at === "publish" && <PublishStep style={style} draft={terms} />}
      </section>
      <Ways style={style} at={at} ready={state[at]} />
      {at === "publish" && <Presets style={style} />}
      {at === "publish" && style.state !== "draft" && <Manage style={style} />}
    </Page>
  );
}

/** Back and on; what was done is kept either way. */
function Ways({ style, at, ready }: { style: OwnStyle; at: Step; ready: boolean }) {
  const index = STEPS.indexOf(at);
  const before = STEPS[index - 1];
  // Before they are published, the terms' own button goes on, once they are right.
  const after = at === "terms" && style.state !== "listed" ? undefined : STEPS[index + 1];
  return (
    <div className={css.ways}>
      {before && (
        <RouteButton to="/my-styles/$id" params={{ id: style.id }} search={{ step: before }} variant="subtle">
          {text.steps.back}: {text.steps.names[before]}
        </RouteButton>
      )}
      {after && (
        <RouteButton
          to="/my-styles/$id"
          params={{ id: style.id }}
          search={{ step: after }}
          variant={ready ? "filled" : "default"}
        >
          {text.steps.next}: {text.steps.names[after]}
        </RouteButton>
      )}
      {style.state === "draft" && (
        <Text size="sm" c="dimmed" className={css.kept}>
          {text.steps.leave}
        </Text>
      )}
    </div>
  );
}

/** A new step is read from its heading, as a new page would be. */
function useArrival(at: Step) {
  const heading = useRef<HTMLHeadingElement>(null);
  const last = useRef(at);
  useEffect(() => {
    if (last.current === at) return;
    last.current = at;
    heading.current?.focus({ preventScroll: true });
    heading.current?.scrollIntoView({ block: "nearest" });
  }, [at]);
  return heading;
}

import { $api } from "../../api/client";
import { asProblem } from "../../api/problem";
import { whileAway } from "../../api/queries";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteAnchor } from "../../ui/RouteAnchor";
import { RouteButton } from "../../ui/RouteButton";
import { PageSkeleton } from "../../ui/Skeletons";
import { TermsCard } from "../../ui/TermsCard";
import { When } from "../../ui/When";
import { Gallery } from "./Gallery";
import { Recordings } from "./Recordings";
import css from "./StylePage.module.css";
import { text } from "./strings";
import type { Style } from "./types";
import { Deed, Versions } from "./Versions";

/** One style: its look, its terms, and the way into the studio with it. */
export function StylePage({ id }: { id: string }) {
  const { data, error, refetch } = $api.useQuery(
    "get",
    "/v1/styles/{style}",
    { params: { path: { style: id } } },
    { refetchInterval: whileAway },
  );
  if (data) return <Shown style={data} />;
  if (error) return <Refused error={error} onRetry={refetch} />;
  return <PageSkeleton />;
}

function Refused({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (asProblem(error).status !== 404) return <ProblemAlert error={error} onRetry={onRetry} />;
  return (
    <Page title={text.style.gone}>
      <Empty title={text.style.gone} words={text.style.goneWords}>
        <RouteButton to="/">{text.style.others}</RouteButton>
      </Empty>
    </Page>
  );
}

function Shown({ style }: { style: Style }) {
  const { terms, offer } = style;
  return (
    <Page
      title={style.name}
      lead={
        <>
          {text.style.by} {style.creator.name}
          {style.listed_at && (
            <>
              {" · "}
              {text.style.listed} <When at={style.listed_at} />
            </>
          )}
          {style.works_made > 0 && ` · ${text.card.made(style.works_made)}`}
        </>
      }
      actions={
        offer && (
          <RouteButton size="md" to="/studio" search={{ style: style.id }}>
            {text.style.tryIt[style.medium]}
          </RouteButton>
        )
      }
    >
      <div className={css.layout}>
        <section aria-labelledby="works" className={css.works}>
          <h2 id="works" className={css.heading}>
            {text.style.works}
          </h2>
          <p className={css.words}>{text.style.worksWords}</p>
          {style.medium === "sound" ? (
            <Recordings works={style.assets} />
          ) : (
            <Gallery works={style.assets} artist={style.creator.name} />
          )}
        </section>
        <aside className={css.side} aria-labelledby="terms">
          <h2 id="terms" className={css.heading}>
            {text.style.terms}
          </h2>
          {terms && offer ? (
            <>
              <TermsCard terms={terms}>
                <Deed offer={offer.id} />
              </TermsCard>
              <RouteButton fullWidth mt="md" to="/studio" search={{ style: style.id }}>
                {text.style.tryIt[style.medium]}
              </RouteButton>
            </>
          ) : (
            <Empty title={text.style.notOffered} words={text.style.notOfferedWords}>
              <RouteButton to="/">{text.style.others}</RouteButton>
            </Empty>
          )}
          <dl className={css.facts}>
            <div>
              <dt>{text.style.medium}</dt>
              <dd>{text.style.mediums[style.medium]}</dd>
            </div>
            <div>
              <dt>{text.style.training}</dt>
              <dd>{text.style.trainings[style.ai_training]}</dd>
            </div>
          </dl>
          <Versions style={style.id} />
          {style.state !== "listed" && (
            <p className={css.words}>
              {text.style.own}{" "}
              <RouteAnchor to="/my-styles/$id" params={{ id: style.id }}>
                {text.style.manage}
              </RouteAnchor>
            </p>
          )}
        </aside>
      </div>
    </Page>
  );
}

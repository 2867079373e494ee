import { Badge, Progress } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { fraction } from "../../api/beats";
import { format } from "../../api/money";
import { stageInWords, words } from "../../ui/progressWords";
import { sentence } from "../../ui/sentence";
import { When } from "../../ui/When";
import css from "./History.module.css";
import { text } from "./strings";
import type { Work } from "./types";
import { artistsOf, stylesOf } from "./words";

/** One of one's works in a list. */
export function WorkCard({ work }: { work: Work }) {
  const { state, kind, thumbnail, price } = work;
  return (
    <article className={css.card}>
      <div className={css.picture}>
        {thumbnail ? (
          <img
            data-waveform={work.medium === "sound" || undefined}
            src={thumbnail}
            alt={text.work.alt[work.medium](stylesOf(work), artistsOf(work))}
            width={work.width ?? undefined}
            height={work.height ?? undefined}
            loading="lazy"
          />
        ) : (
          <span>{text.history.noPicture[state]}</span>
        )}
      </div>
      <div className={css.words}>
        <h2 className={css.name}>
          <Link to="/works/$id" params={{ id: work.id }} className={css.link}>
            {stylesOf(work)}
          </Link>
        </h2>
        <Going work={work} />
        {state === "failed" && <p className={css.fine}>{sentence(work.reason ?? "")}</p>}
        <p className={css.fine}>
          <When at={work.created_at} withTime />
        </p>
        {kind === "work" && state === "done" && <p className={css.fine}>{format(price)}</p>}
        <div className={css.tags}>
          {kind === "preview" && (
            <Badge variant="light" color="gray">
              {text.history.tag.preview}
            </Badge>
          )}
          {work.shared && <Badge variant="light">{text.history.tag.shared}</Badge>}
          {work.withdrawn_at && (
            <Badge variant="light" color="madder">
              {text.history.tag.withdrawn}
            </Badge>
          )}
        </div>
      </div>
    </article>
  );
}

function Going({ work }: { work: Work }) {
  if (work.state !== "queued" && work.state !== "running") return null;
  const part = fraction(work);
  return (
    <>
      <p className={css.fine}>
        {stageInWords(work.stage)}
        {part !== null && ` · ${Math.floor(part * 100)} %`}
      </p>
      <Progress className={css.bar} value={part === null ? 0 : part * 100} aria-label={words.label} />
    </>
  );
}

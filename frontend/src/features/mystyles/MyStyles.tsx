import { Badge, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { format } from "../../api/money";
import { useMe } from "../../api/session";
import { Empty } from "../../ui/Empty";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteButton } from "../../ui/RouteButton";
import { SignInFirst } from "../../ui/SignInFirst";
import { CardsSkeleton } from "../../ui/Skeletons";
import { read } from "./draft";
import css from "./MyStyles.module.css";
import { kept, next, type OwnStyle, useOwnStyles } from "./own";
import { text } from "./strings";
import { NO_TERMS } from "./terms";
import { lacking, wordOf } from "./words";

/** All my styles, each with its state and what it still needs. */
export function MyStyles() {
  const me = useMe();
  const { data, error, refetch } = useOwnStyles(Boolean(me));
  const some = data !== undefined && data.length > 0;
  return (
    <Page title={text.title} lead={text.lead} actions={some && <Actions />}>
      {me === null && <SignInFirst why={text.why} />}
      {me !== null && !data && !error && <CardsSkeleton count={3} />}
      {me && <ProblemAlert error={error} onRetry={refetch} />}
      {data?.length === 0 && (
        <Empty title={text.empty.title} words={text.empty.words}>
          <RouteButton to="/my-styles/new">{text.empty.start}</RouteButton>
        </Empty>
      )}
      {some && (
        <ul className={css.cards}>
          {data.map((style) => (
            <StyleRow key={style.id} style={style} />
          ))}
        </ul>
      )}
    </Page>
  );
}

function Actions() {
  return (
    <>
      <RouteButton to="/uses" variant="default">
        {text.uses}
      </RouteButton>
      <RouteButton to="/my-styles/new">{text.create}</RouteButton>
    </>
  );
}

function StyleRow({ style }: { style: OwnStyle }) {
  const chosen = read(`terms:${style.id}`, NO_TERMS, "browser").preset !== null;
  const lacks = lacking(style, chosen);
  const open = style.state === "listed" || style.state === "retired" ? undefined : next(style, chosen);
  const works = kept(style);
  return (
    <li className={css.card}>
      <div className={css.strip} data-empty={works.length === 0}>
        {works.slice(0, 3).map((work) => (
          <img
            key={work.id}
            data-waveform={work.medium === "sound" || undefined}
            src={work.url}
            alt={work.title}
            loading="lazy"
            width={work.width ?? undefined}
            height={work.height ?? undefined}
          />
        ))}
        {works.length === 0 && <Text size="sm">{text.list.noPicture}</Text>}
      </div>
      <div className={css.body}>
        <StateBadge style={style} />
        <Title order={2} size="h3">
          <Link to="/my-styles/$id" params={{ id: style.id }} search={{ step: open }} className={css.name}>
            {style.name}
          </Link>
        </Title>
        <Text size="sm" c="dimmed">
          {style.creator.name} · {text.list.works(works.length)}
          {style.offer && ` · ${text.list.price(format(style.offer.price))}`}
        </Text>
        {lacks.length > 0 && style.state !== "retired" && (
          <Text size="sm" className={css.lacks}>
            {text.list.missing}: {lacks.map((step) => text.publish.lacks[step].toLowerCase()).join("; ")}
          </Text>
        )}
        <span className={css.go} aria-hidden="true">
          {lacks.length > 0 ? text.list.goOn : text.list.open}
        </span>
      </div>
    </li>
  );
}

export function StateBadge({ style }: { style: OwnStyle }) {
  const word = wordOf(style);
  const color = { listed: "viridian", suspended: "madder", held: "madder", unoffered: "ochre" }[word] ?? "gray";
  return (
    <Badge variant={word === "listed" ? "filled" : "light"} color={color}>
      {text.states[word] ?? word}
    </Badge>
  );
}

import { Loader } from "@mantine/core";
import { IconMicrophone } from "@tabler/icons-react";
import { $api } from "../../api/client";
import { useShortcut } from "../../shell/shortcuts";
import { useObjectUrl } from "../../ui/file";
import { RouteAnchor } from "../../ui/RouteAnchor";
import { text } from "./strings";
import css from "./Takes.module.css";
import type { Medium, Work } from "./types";
import type { Source } from "./useDraft";

const MOST = 9; // as many as there are keys
const LOOK_AGAIN = 3000; // milliseconds, while one is in the making

interface Props {
  /** What they start from. */
  source: Source | null;
  medium: Medium;
  /** What is repainted instead of a picture. */
  repainted: Work | undefined;
  take: string | undefined;
  /** Several are shown side by side. */
  several: boolean;
  onTake: (id: string | undefined) => void;
}

/** The latest previews and works beside the picture they start from; the keys 1 to 9 show them. */
export function Takes({ source, medium, repainted, take, several, onTake }: Props) {
  const picture = medium === "picture" ? source : null;
  const own = useObjectUrl(picture?.kind === "file" ? picture.file : null);
  const shown = repainted?.thumbnail ?? (picture?.kind === "starter" ? `/v1/starters/${picture.name}/picture` : own);
  const { data } = $api.useQuery(
    "get",
    "/v1/works",
    { params: { query: { limit: MOST } } },
    { refetchInterval: ({ state }) => (state.data?.items.some(isGoing) ? LOOK_AGAIN : false) },
  );
  const works = data?.items ?? [];
  if (works.length === 0) return null;
  return (
    <nav className={css.takes} aria-label={text.takes.title}>
      <ul>
        <li>
          <button type="button" aria-current={take === undefined && !several} onClick={() => onTake(undefined)}>
            {shown && <img src={shown} alt="" />}
            {medium === "sound" && <IconMicrophone size={28} stroke={1.3} aria-hidden="true" />}
            <span className={css.kind}>{repainted ? text.repaint.work : text.takes.start[medium]}</span>
          </button>
        </li>
        {works.map((work, index) => (
          <li key={work.id}>
            <One work={work} number={index + 1} current={work.id === take} onTake={() => onTake(work.id)} />
          </li>
        ))}
      </ul>
      <RouteAnchor to="/works" size="sm">
        {text.takes.all}
      </RouteAnchor>
    </nav>
  );
}

interface OneProps {
  work: Work;
  number: number;
  current: boolean;
  onTake: () => void;
}

function One({ work, number, current, onTake }: OneProps) {
  useShortcut(String(number), text.takes.key(number), onTake);
  const kind = work.kind === "work" ? text.takes.work : text.takes.preview;
  return (
    <button
      type="button"
      aria-current={current}
      aria-label={text.takes.take(number, kind, text.takes.states[work.state])}
      onClick={onTake}
    >
      {work.thumbnail ? (
        <img
          data-waveform={work.medium === "sound" || undefined}
          src={work.thumbnail}
          alt=""
          width={work.width ?? 96}
          height={work.height ?? 96}
        />
      ) : (
        <span className={css.plain}>{isGoing(work) ? <Loader size="sm" /> : text.takes.states[work.state]}</span>
      )}
      <span className={css.kind} aria-hidden="true">
        {number} {kind}
      </span>
    </button>
  );
}

const isGoing = ({ state }: Pick<Work, "state">) => state === "queued" || state === "running";

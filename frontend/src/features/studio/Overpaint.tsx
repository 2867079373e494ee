import { Button } from "@mantine/core";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import { useObjectUrl } from "../../ui/file";
import { type Layer, Painter } from "../../ui/Painter";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { BLANK } from "../../ui/painting";
import { RouteAnchor } from "../../ui/RouteAnchor";
import { PageSkeleton } from "../../ui/Skeletons";
import type { Tool } from "./Parts";
import css from "./Parts.module.css";
import { text } from "./strings";
import type { Draft } from "./useDraft";
import type { Repaint } from "./useRepaint";
import type { ChosenStyle } from "./useStyles";

const HERE: Layer[] = [{ key: "here", name: text.parts.here }];
const LANDSCAPE = 4 / 3;

interface Props {
  tool: Tool;
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  chosen: ChosenStyle[];
  /** The picture to paint over, where it is not the draft's own. */
  over?: { url: string; ratio: number };
  onDone: () => void;
}

/** The picture to be painted over: the part that is made, or which style goes where. */
export function Overpaint({ tool, draft, change, chosen, over, onDone }: Props) {
  const shown = useShown(draft);
  const names = chosen.map(({ id, style }) => `${id} ${style?.name ?? ""}`).join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the styles are new objects at each turn
  const layers = useMemo(() => chosen.map(({ id, style }) => ({ key: id, name: style?.name ?? "" })), [names]);
  const words = text.parts[tool];
  return (
    <Tooled
      title={words.title}
      words={words.words}
      acts={
        <Button size="sm" onClick={onDone}>
          {text.parts.done}
        </Button>
      }
    >
      <Painter
        label={words.title}
        picture={over?.url ?? shown}
        ratio={over?.ratio ?? LANDSCAPE}
        layers={tool === "mask" ? HERE : layers}
        painting={draft[tool] ?? BLANK}
        onPainting={(painting) => change({ [tool]: painting })}
      />
    </Tooled>
  );
}

/** An earlier work, and over it the part that is made anew. */
export function RepaintStage({ repaint, onLeave }: { repaint: Repaint; onLeave: () => void }) {
  const { work, error, painting, onPainting } = repaint;
  if (!work?.file && !error) return <PageSkeleton />;
  if (!work?.file)
    return (
      <>
        <ProblemAlert error={error} advice={{ "not-found": { what: text.take.gone } }} />
        <Button size="sm" mt="sm" variant="default" onClick={onLeave}>
          {text.repaint.leave}
        </Button>
      </>
    );
  return (
    <Tooled
      title={text.repaint.title}
      words={
        <>
          {text.repaint.words}{" "}
          <RouteAnchor to="/works/$id" params={{ id: work.id }}>
            {text.repaint.see}
          </RouteAnchor>
        </>
      }
      acts={
        <Button size="sm" variant="default" onClick={onLeave}>
          {text.repaint.leave}
        </Button>
      }
    >
      <Painter
        label={text.repaint.title}
        picture={work.file}
        ratio={(work.width ?? 1) / (work.height ?? 1)}
        layers={HERE}
        painting={painting}
        onPainting={onPainting}
      />
    </Tooled>
  );
}

interface TooledProps {
  title: string;
  words: ReactNode;
  acts: ReactNode;
  children: ReactNode;
}

/** Read from its heading, as a new page would be. */
function Tooled({ title, words, acts, children }: TooledProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <section className={css.tool} aria-label={title}>
      <div className={css.head}>
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
        {acts}
      </div>
      <p className={css.words}>{words}</p>
      {children}
    </section>
  );
}

function useShown({ source }: Draft): string | null {
  const own = useObjectUrl(source?.kind === "file" ? source.file : null);
  return source?.kind === "starter" ? `/v1/starters/${source.name}/picture` : own;
}

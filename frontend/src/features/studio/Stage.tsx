import { Button, Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import type { UploadState } from "../../api/upload";
import { notify } from "../../ui/notify";
import { PageSkeleton } from "../../ui/Skeletons";
import { alike } from "./alike";
import { Overpaint, RepaintStage } from "./Overpaint";
import type { Tool } from "./Parts";
import { Picture } from "./Picture";
import { Sheet } from "./Sheet";
import type { Go } from "./Studio";
import css from "./Studio.module.css";
import type { Values } from "./schema";
import { type StudioSearch, takesIn } from "./search";
import { text } from "./strings";
import type { Engine, Medium, Work } from "./types";
import type { Draft } from "./useDraft";
import type { Repaint } from "./useRepaint";
import type { ChosenStyle } from "./useStyles";

// Whoever begins has neither a recording nor a take.
const Recording = lazy(() => import("./Recording"));
const Take = lazy(() => import("./Take"));

export interface Upload {
  state: UploadState;
  retry: () => void;
}

interface Props {
  search: StudioSearch;
  go: Go;
  signedIn: boolean;
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  chosen: ChosenStyle[];
  params: Values;
  engine: Engine | undefined;
  tool: Tool | null;
  onTool: (tool: Tool | null) => void;
  repaint: Repaint | null;
  medium: Medium;
  upload: Upload;
  backingUpload: Upload;
  /** Everything that a work was made with, also its picture if wished. */
  onAdopt: (work: Work, withPicture: boolean) => void;
}

/** What is looked at: a take, several of them, what is painted over, or the picture. */
export function Stage(props: Props) {
  const { search, go, signedIn, draft, change, chosen, params, engine, tool, onTool, repaint, upload, onAdopt } = props;
  const now = { params, styles: chosen.map(({ id }) => id) };
  const takes = takesIn(search.takes);
  function choose(work: Work) {
    if (!alike(work, now)) onAdopt(work, false);
    else if (work.seed !== null) change({ seed: work.seed });
    void notify(text.sheet.chosenNow);
  }
  if (search.take && signedIn)
    return (
      <>
        {takes.length > 0 && (
          <Button variant="subtle" size="sm" className={css.back} onClick={() => go({ take: null })}>
            {text.sheet.back}
          </Button>
        )}
        <Suspense fallback={<PageSkeleton />}>
          <Take
            key={search.take}
            id={search.take}
            seed={draft.seed}
            {...now}
            onSeed={(seed) => change({ seed })}
            onSettings={(work) => onAdopt(work, true)}
            repaints={engine?.accepts.includes("rework") ?? false}
            onRepaint={(rework) => go({ rework, take: null, takes: null })}
          />
        </Suspense>
      </>
    );
  if (takes.length > 0 && signedIn)
    return (
      <Sheet
        ids={takes}
        seed={draft.seed}
        onChoose={choose}
        onOpen={(take) => go({ take })}
        onClose={() => go({ takes: null })}
      />
    );
  if (tool)
    return (
      <Overpaint
        tool={tool}
        draft={draft}
        change={change}
        chosen={chosen}
        over={overOf(repaint)}
        onDone={() => onTool(null)}
      />
    );
  if (repaint) return <RepaintStage repaint={repaint} onLeave={() => go({ rework: null })} />;
  const optional = engine?.accepts.includes("compose") ?? false;
  if (props.medium === "sound")
    return (
      <Suspense fallback={<Skeleton height={340} radius="lg" />}>
        <Recording
          draft={draft}
          change={change}
          optional={optional}
          upload={upload}
          backingUpload={props.backingUpload}
        />
      </Suspense>
    );
  return (
    <Picture
      source={draft.source}
      onSource={(source) => change({ source, mask: null })}
      optional={optional}
      sending={upload.state}
      onStop={() => change({ source: null, mask: null })}
      onRetry={upload.retry}
    />
  );
}

function overOf(repaint: Repaint | null) {
  if (!repaint?.work?.file) return undefined;
  return { url: repaint.work.file, ratio: (repaint.work.width ?? 1) / (repaint.work.height ?? 1) };
}

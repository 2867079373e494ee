import { Button, NativeSelect } from "@mantine/core";
import { useShortcut } from "../../shell/shortcuts";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { LinesSkeleton } from "../../ui/Skeletons";
import { Controls } from "./Controls";
import { Seed } from "./Seed";
import css from "./Styles.module.css";
import type { Control } from "./schema";
import { text } from "./strings";
import type { Engine } from "./types";
import type { Draft } from "./useDraft";

const TENTH = 10;

interface Props {
  engines: Engine[];
  engine: Engine | undefined;
  controls: Control[];
  error: unknown;
  draft: Draft;
  change: (part: Partial<Draft>) => void;
}

/** How the engine is to work. */
export function Settings({ engines, engine, controls, error, draft, change }: Props) {
  const nudge = useNudge(controls, draft, change);
  useShortcut("[", text.controls.softer, () => nudge(-1));
  useShortcut("]", text.controls.stronger, () => nudge(1));
  return (
    <section aria-labelledby="how" className={css.section}>
      <div className={css.line}>
        <h2 id="how" className={css.title}>
          {text.controls.title}
        </h2>
        {Object.keys(draft.params).length > 0 && (
          <Button variant="subtle" size="xs" onClick={() => change({ params: {} })}>
            {text.controls.reset}
          </Button>
        )}
      </div>
      <ProblemAlert error={error} />
      {!engine && !error && <LinesSkeleton count={4} />}
      {engines.length > 1 && (
        <NativeSelect
          mb="md"
          label={text.controls.engine}
          description={engine && text.controls.learned(engine.learned_from)}
          value={engine?.name ?? ""}
          data={engines.map(({ name }) => name)}
          onChange={(event) => change({ engine: event.currentTarget.value })}
        />
      )}
      <Controls controls={controls} values={draft.params} onChange={(params) => change({ params })} />
      <Seed seed={draft.seed} onChange={(seed) => change({ seed })} />
    </section>
  );
}

/** Moves the first slider by a tenth. */
function useNudge(controls: Control[], draft: Draft, change: (part: Partial<Draft>) => void) {
  return (by: number) => {
    const one = controls.find(({ kind }) => kind === "slider");
    if (one?.kind !== "slider") return;
    const now = Number(draft.params[one.name] ?? one.initial ?? one.min);
    const next = Math.min(one.max, Math.max(one.min, now + (by * (one.max - one.min)) / TENTH));
    change({ params: { ...draft.params, [one.name]: rounded(next, one.step) } });
  };
}

/** On the slider's grid, without the dust of floating point. */
function rounded(value: number, step: number): number {
  return Number((Math.round(value / step) * step).toFixed(6));
}

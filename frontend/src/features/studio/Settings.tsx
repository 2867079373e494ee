import { Button, NativeSelect } from "@mantine/core";
import { useShortcut } from "../../shell/shortcuts";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { LinesSkeleton } from "../../ui/Skeletons";
import { Controls } from "./Controls";
import fields from "./Controls.module.css";
import { Seed } from "./Seed";
import css from "./Styles.module.css";
import type { Control, Values } from "./schema";
import { text } from "./strings";
import { type Suggestion, settingsOf, tunedTo } from "./suggestion";
import type { Engine } from "./types";
import type { Draft } from "./useDraft";

const TENTH = 10;

interface Props {
  engines: Engine[];
  engine: Engine | undefined;
  controls: Control[];
  error: unknown;
  suggestion: Suggestion | null;
  draft: Draft;
  change: (part: Partial<Draft>) => void;
}

/** How the engine is to work. */
export function Settings({ engines, engine, controls, error, suggestion, draft, change }: Props) {
  const values = settingsOf(draft, suggestion);
  const suggested = suggestion !== null && draft.declined !== suggestion.style;
  const own = suggested ? draft.tuned === suggestion.style : Object.keys(draft.params).length > 0;
  const set = (params: Values) => change(tunedTo(params, suggestion));
  const nudge = useNudge(controls, values, set);
  useShortcut("[", text.controls.softer, () => nudge(-1));
  useShortcut("]", text.controls.stronger, () => nudge(1));
  return (
    <section aria-labelledby="how" className={css.section}>
      <div className={css.line}>
        <h2 id="how" className={css.title}>
          {text.controls.title}
        </h2>
        {own && (
          <Button variant="subtle" size="xs" onClick={() => change({ params: {}, tuned: null })}>
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
      {suggestion && (
        <Suggested
          suggestion={suggestion}
          taken={suggested}
          onChange={(take) => change({ params: {}, tuned: null, declined: take ? null : suggestion.style })}
        />
      )}
      <Controls controls={controls} values={values} onChange={set} />
      <Seed seed={draft.seed} onChange={(seed) => change({ seed })} />
    </section>
  );
}

interface SuggestedProps {
  suggestion: Suggestion;
  taken: boolean;
  onChange: (take: boolean) => void;
}

/** Whose settings these are, and the way to the engine's own and back. */
function Suggested({ suggestion: { creator, title }, taken, onChange }: SuggestedProps) {
  return (
    <div className={fields.suggested}>
      <span>{taken ? text.controls.suggested(creator, title) : text.controls.unsuggested}</span>
      <Button variant="subtle" size="compact-sm" onClick={() => onChange(!taken)}>
        {taken ? text.controls.plain : text.controls.suggest(creator)}
      </Button>
    </div>
  );
}

/** Moves the first slider by a tenth. */
function useNudge(controls: Control[], values: Values, set: (values: Values) => void) {
  return (by: number) => {
    const one = controls.find(({ kind }) => kind === "slider");
    if (one?.kind !== "slider") return;
    const now = Number(values[one.name] ?? one.initial ?? one.min);
    const next = Math.min(one.max, Math.max(one.min, now + (by * (one.max - one.min)) / TENTH));
    set({ ...values, [one.name]: rounded(next, one.step) });
  };
}

/** On the slider's grid, without the dust of floating point. */
function rounded(value: number, step: number): number {
  return Number((Math.round(value / step) * step).toFixed(6));
}

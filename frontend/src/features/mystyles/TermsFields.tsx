import { Checkbox, Radio, Skeleton, Stack, TextInput } from "@mantine/core";
import "@mantine/core/styles/Radio.layer.css";
import { lazy, Suspense } from "react";
import type { AiTraining, Use } from "./own";
import { SplitField } from "./SplitField";
import { text } from "./strings";
import css from "./Terms.module.css";
import { dayOf, type TermsDraft, type TermsFaults, USES } from "./terms";

// Most offers hold everywhere; only the others load the list with its search.
const Countries = lazy(() => import("./Countries"));
const said = text.terms;
const DAY = 86_400_000; // milliseconds

interface Props {
  draft: TermsDraft;
  change: (part: Partial<TermsDraft>) => void;
  faults: TermsFaults;
  limits: { until: string | null; training: AiTraining };
}

/** Every clause as a field. */
export function TermsFields({ draft, change, faults, limits: { until, training } }: Props) {
  return (
    <Stack gap="xl">
      <TextInput
        label={said.price}
        description={said.priceHint}
        leftSection="$"
        inputMode="decimal"
        value={draft.price}
        onChange={(event) => change({ price: event.currentTarget.value })}
        error={faults.price}
        className={css.short}
      />
      <SplitField draft={draft} change={change} fault={faults.split} />
      <UsesField draft={draft} change={change} fault={faults.uses} training={training} />
      <Places draft={draft} change={change} fault={faults.territory} />
      <div className={css.pair}>
        <TextInput
          label={said.cap}
          description={said.capHint}
          inputMode="numeric"
          value={draft.cap}
          onChange={(event) => change({ cap: event.currentTarget.value })}
          error={faults.cap}
        />
        <TextInput
          type="date"
          label={said.endsOn}
          description={said.endsHint(until)}
          value={draft.endsOn}
          min={dayOf(Date.now() + DAY)}
          max={until ?? undefined}
          onChange={(event) => change({ endsOn: event.currentTarget.value })}
          error={faults.endsOn}
        />
      </div>
      <details className={css.more} open={Boolean(faults.credit || faults.copy) || undefined}>
        <summary>{said.more}</summary>
        <Stack gap="lg" mt="md">
          <TextInput
            label={said.credit}
            description={said.creditHint}
            value={draft.credit}
            onChange={(event) => change({ credit: event.currentTarget.value })}
            error={faults.credit}
            maxLength={200}
          />
          <TextInput
            label={said.copy}
            description={said.copyHint}
            type="number"
            min={0}
            max={100}
            step="any"
            value={Number.isNaN(draft.copy) ? "" : draft.copy}
            onChange={(event) => change({ copy: event.currentTarget.valueAsNumber })}
            error={faults.copy}
          />
        </Stack>
      </details>
    </Stack>
  );
}

interface UsesProps {
  draft: TermsDraft;
  change: (part: Partial<TermsDraft>) => void;
  fault?: string;
  training: AiTraining;
}

function UsesField({ draft, change, fault, training }: UsesProps) {
  const toggle = (name: "uses" | "reported", use: Use, on: boolean) =>
    change({ [name]: on ? [...draft[name], use] : draft[name].filter((one) => one !== use) });
  return (
    <fieldset className={css.set} aria-describedby={fault ? "uses-fault" : undefined}>
      <legend>{said.allowed}</legend>
      <ul className={css.uses}>
        {USES.map((use) => {
          const off = use === "train" && training === "notAllowed" && !draft.uses.includes(use);
          return (
            <li key={use}>
              <Checkbox
                label={said.verbs[use]}
                description={off ? said.trainingOff : undefined}
                checked={draft.uses.includes(use)}
                disabled={off}
                aria-invalid={fault ? true : undefined}
                onChange={(event) => toggle("uses", use, event.currentTarget.checked)}
              />
              {draft.uses.includes(use) && (
                <Checkbox
                  label={said.reported}
                  aria-label={said.reportedOf(said.verbs[use])}
                  checked={draft.reported.includes(use)}
                  onChange={(event) => toggle("reported", use, event.currentTarget.checked)}
                />
              )}
            </li>
          );
        })}
      </ul>
      {fault && (
        <p className={css.fault} id="uses-fault">
          {fault}
        </p>
      )}
    </fieldset>
  );
}

function Places({ draft, change, fault }: Omit<UsesProps, "training">) {
  return (
    <div>
      <Radio.Group
        label={said.territory}
        value={draft.everywhere ? "world" : "some"}
        onChange={(value) => change({ everywhere: value === "world" })}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="world" label={said.world} />
          <Radio value="some" label={said.some} />
        </Stack>
      </Radio.Group>
      {!draft.everywhere && (
        <Suspense fallback={<Skeleton height={72} mt="sm" />}>
          <Countries chosen={draft.countries} fault={fault} onChange={(countries) => change({ countries })} />
        </Suspense>
      )}
    </div>
  );
}

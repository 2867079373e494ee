import { Button, Checkbox, Fieldset, Radio, Stack, Textarea, TextInput } from "@mantine/core";
import "@mantine/core/styles/Radio.layer.css";
import "@mantine/core/styles/Fieldset.layer.css";
import { type FormEvent, useMemo, useState } from "react";
import { $api } from "../../api/client";
import { ProblemAlert } from "../../ui/ProblemAlert";
import css from "./Consent.module.css";
import { useDraft } from "./draft";
import { firstFault } from "./faults";
import { type AiTraining, keep, type OwnStyle, type TermsPreset } from "./own";
import { type ConsentDraft, consentFaults, inOwnWords, statementOf } from "./statement";
import { text } from "./strings";
import { dayOf, draftOf, type HeldTerms, yearsLater } from "./terms";

const YEARS = 5;
const said = text.consent;

interface Props {
  style: OwnStyle;
  terms: HeldTerms;
  onSigned: () => void;
}

/** What is declared, said in plain sentences; what is signed stands under them word for word. */
export function ConsentForm({ style, terms: [terms, changeTerms], onSigned }: Props) {
  const today = dayOf(Date.now());
  const empty = useMemo<ConsentDraft>(
    () => ({
      legalName: "",
      author: false,
      rights: false,
      adult: false,
      uses: "",
      preset: null,
      expiresOn: yearsLater(today, YEARS),
      training: "notAllowed",
    }),
    [today],
  );
  const [draft, change, clear] = useDraft(`consent:${style.id}`, empty);
  const [tried, setTried] = useState(false);
  const { data: presets } = $api.useQuery("get", "/v1/terms/presets", { params: { query: { style: style.id } } });
  const sign = $api.useMutation("post", "/v1/styles/{style}/consents");
  const faults = consentFaults(draft, today);
  const shown = tried ? faults : {};

  function pick(id: string) {
    const preset = presets?.find((one) => one.id === id);
    if (!preset) return;
    const untouched = draft.uses.trim() === "" || presets?.some((one) => inOwnWords(one.terms) === draft.uses);
    change({ preset: id, ...(untouched && { uses: inOwnWords(preset.terms) }) });
    // The next step begins with what was picked here.
    if (!style.offer && terms.preset === null) changeTerms(draftOf(preset.terms, id));
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setTried(true);
    if (Object.keys(faults).length > 0) return firstFault(event.currentTarget);
    sign.mutate(
      {
        params: { path: { style: style.id } },
        body: {
          legal_name: draft.legalName.trim(),
          is_author: draft.author,
          holds_rights: draft.rights,
          adult: draft.adult,
          uses: draft.uses.trim(),
          expires_on: draft.expiresOn,
          ai_training: draft.training,
        },
      },
      {
        onSuccess: (consent) => {
          clear();
          keep({ ...style, consent });
          onSigned();
        },
      },
    );
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="xl">
        <Fieldset legend={said.confirm} className={css.set}>
          <Stack gap="md">
            {(["author", "rights", "adult"] as const).map((name) => (
              <Checkbox
                key={name}
                label={said[name]}
                checked={draft[name]}
                onChange={(event) => change({ [name]: event.currentTarget.checked })}
                error={shown[name]}
                aria-invalid={shown[name] ? true : undefined}
              />
            ))}
          </Stack>
        </Fieldset>
        <TextInput
          label={said.legalName}
          description={said.legalHint}
          autoComplete="name"
          value={draft.legalName}
          onChange={(event) => change({ legalName: event.currentTarget.value })}
          error={shown.legalName}
          maxLength={200}
        />
        <PresetRadios presets={presets} value={draft.preset} onPick={pick} />
        <Textarea
          label={said.uses}
          description={said.usesHint}
          value={draft.uses}
          onChange={(event) => change({ uses: event.currentTarget.value })}
          error={shown.uses}
          rows={4}
          maxLength={2000}
        />
        <TextInput
          type="date"
          label={said.until}
          description={said.untilHint}
          value={draft.expiresOn}
          min={dayOf(Date.now() + 86_400_000)}
          max={yearsLater(today, 10)}
          onChange={(event) => change({ expiresOn: event.currentTarget.value })}
          error={shown.expiresOn}
          className={css.date}
        />
        <Radio.Group
          label={said.training}
          value={draft.training}
          onChange={(value) => change({ training: value as AiTraining })}
        >
          <Stack gap="sm" mt="sm">
            {Object.entries(said.trainings).map(([value, [label, words]]) => (
              <Radio key={value} value={value} label={label} description={words} />
            ))}
          </Stack>
        </Radio.Group>
        <div>
          <h3 className={css.heading}>{said.statement}</h3>
          <blockquote className={css.statement}>{statementOf(draft, style, said.moment)}</blockquote>
        </div>
        <ProblemAlert error={sign.error} />
        <div>
          <Button type="submit" loading={sign.isPending}>
            {said.sign}
          </Button>
        </div>
      </Stack>
    </form>
  );
}

interface RadiosProps {
  presets: TermsPreset[] | undefined;
  value: string | null;
  onPick: (id: string) => void;
}

function PresetRadios({ presets, value, onPick }: RadiosProps) {
  return (
    <Radio.Group label={said.what} description={said.whatHint} value={value} onChange={onPick}>
      <Stack gap="sm" mt="sm">
        {presets?.map(({ id, title, words }) => (
          <Radio key={id} value={id} label={title} description={words} />
        ))}
      </Stack>
    </Radio.Group>
  );
}

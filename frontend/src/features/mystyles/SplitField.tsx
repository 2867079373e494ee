import { percent } from "../../api/money";
import { pigment } from "../../ui/pigment";
import { text } from "./strings";
import css from "./Terms.module.css";
import { shared, type TermsDraft } from "./terms";

const said = text.terms;
const PPM = 10_000; // millionths of one percent

interface Props {
  draft: TermsDraft;
  change: (part: Partial<TermsDraft>) => void;
  fault?: string;
}

/** Two sliders that share 100 %; what is left is the platform's. */
export function SplitField({ draft, change, fault }: Props) {
  const rest = Math.max(0, 100 - draft.creators - draft.fan);
  const parts = [draft.creators, draft.fan, rest];
  return (
    <fieldset className={css.set}>
      <legend>{said.split}</legend>
      <div className={css.bar} aria-hidden="true">
        {parts.map((part, index) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: the order is the meaning
          part > 0 ? <span key={index} style={{ flexGrow: part, background: pigment(index) }} /> : null,
        )}
      </div>
      {(["creators", "fan"] as const).map((part, index) => (
        <label key={part} className={css.slider}>
          <span className={css.sliderName}>
            <span className={css.dot} style={{ background: pigment(index) }} aria-hidden="true" />
            {part === "creators" ? said.you : said.fan}
          </span>
          <input
            type="range"
            min={0}
            max={100}
            step={1}
            value={draft[part]}
            aria-valuetext={percent(draft[part] * PPM)}
            onChange={(event) => change(shared(draft, part, event.currentTarget.valueAsNumber))}
          />
          <output>{percent(Math.round(draft[part] * PPM))}</output>
        </label>
      ))}
      <p className={css.slider}>
        <span className={css.sliderName}>
          <span className={css.dot} style={{ background: pigment(2) }} aria-hidden="true" />
          {said.platform}
        </span>
        <span />
        <output>{percent(Math.round(rest * PPM))}</output>
      </p>
      {fault && <p className={css.fault}>{fault}</p>}
    </fieldset>
  );
}

import { format } from "../../api/money";
import type { TermsPreset } from "./own";
import { text } from "./strings";
import css from "./Terms.module.css";

interface Props {
  presets: TermsPreset[];
  chosen: string | null;
  onPick: (preset: TermsPreset) => void;
}

/** Five ways to begin, as radio buttons that look like cards. */
export function PresetCards({ presets, chosen, onPick }: Props) {
  return (
    <fieldset className={css.presets}>
      <legend>{text.terms.pick}</legend>
      {presets.map((preset) => (
        <label key={preset.id} className={css.preset}>
          <input
            type="radio"
            name="preset"
            value={preset.id}
            checked={chosen === preset.id}
            onChange={() => onPick(preset)}
          />
          <span className={css.presetTitle}>{preset.title}</span>
          <span className={css.presetPrice}>
            {preset.terms.price.amount === 0 ? text.terms.gratis : format(preset.terms.price)}
          </span>
          <span className={css.presetWords}>{preset.words}</span>
        </label>
      ))}
    </fieldset>
  );
}

import { MultiSelect } from "@mantine/core";
import "@mantine/core/styles/Pill.layer.css";
import "@mantine/core/styles/PillsInput.layer.css";
import { COUNTRIES } from "../../ui/countries";
import { text } from "./strings";
import css from "./Terms.module.css";

interface Props {
  chosen: string[];
  fault: string | undefined;
  onChange: (countries: string[]) => void;
}

/** The countries in which a license holds. */
export default function Countries({ chosen, fault, onChange }: Props) {
  return (
    <MultiSelect
      mt="sm"
      label={text.terms.countries}
      placeholder={chosen.length === 0 ? text.terms.countriesHint : undefined}
      data={COUNTRIES}
      value={chosen}
      onChange={onChange}
      error={fault}
      classNames={{ input: css.countries, inputField: css.country }}
      limit={40}
      searchable
      selectFirstOptionOnChange
      hidePickedOptions
      clearable
      clearButtonProps={{ "aria-label": text.terms.noCountries }}
    />
  );
}

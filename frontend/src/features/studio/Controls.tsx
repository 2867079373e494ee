import { Button, NativeSelect, SegmentedControl, Slider, Switch, TextInput } from "@mantine/core";
import "@mantine/core/styles/Slider.layer.css";
import { useId } from "react";
import css from "./Controls.module.css";
import type { Control, Values } from "./schema";
import { text } from "./strings";

const AT_ONCE = 3; // controls that are shown without asking for more
const FEW = 4; // choices that fit beside each other
const BELOW: ("label" | "input" | "description")[] = ["label", "input", "description"];
const UNSET = "#808080"; // what the browser's own field begins with
const SHORT = 26; // letters of all of them together

interface Props {
  controls: Control[];
  values: Values;
  onChange: (values: Values) => void;
}

/** The engine's own settings, drawn from its schema; the first few at once, the rest on demand. */
export function Controls({ controls, values, onChange }: Props) {
  // What counts only with, or only without, a picture says what is made at all: it goes before how.
  const what = controls.filter(({ when }) => when !== undefined);
  const how = controls.filter(({ when }) => when === undefined);
  const [first, rest] = [[...what, ...how.slice(0, AT_ONCE)], how.slice(AT_ONCE)];
  return (
    <>
      <Fields controls={first} values={values} onChange={onChange} />
      {rest.length > 0 && (
        <details className={css.more}>
          <summary>{text.controls.more}</summary>
          <Fields controls={rest} values={values} onChange={onChange} />
        </details>
      )}
    </>
  );
}

function Fields({ controls, values, onChange }: Props) {
  return controls.map((one) => (
    <Field
      key={one.name}
      control={one}
      value={values[one.name] ?? one.initial}
      onChange={(value) => onChange({ ...values, [one.name]: value })}
    />
  ));
}

interface FieldProps<Kind extends Control = Control> {
  control: Kind;
  value: unknown;
  onChange: (value: unknown) => void;
}

function Field({ control, value, onChange }: FieldProps) {
  const { label, help } = control;
  switch (control.kind) {
    case "slider":
      return <Sliding control={control} value={value} onChange={onChange} />;
    case "choice":
      return <Choice control={control} value={value} onChange={onChange} />;
    case "switch":
      return (
        <Switch
          className={css.field}
          label={label}
          description={help}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "number":
      return (
        <TextInput
          type="number"
          className={css.field}
          label={label}
          description={help}
          inputWrapperOrder={BELOW}
          min={control.min}
          max={control.max}
          step={control.whole ? 1 : "any"}
          value={typeof value === "number" ? value : ""}
          onChange={({ currentTarget }) => currentTarget.value !== "" && onChange(currentTarget.valueAsNumber)}
        />
      );
    case "text":
      return (
        <TextInput
          className={css.field}
          label={label}
          description={help}
          inputWrapperOrder={BELOW}
          maxLength={control.most}
          value={typeof value === "string" ? value : ""}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "color":
      return <Color control={control} value={value} onChange={onChange} />;
    default:
      return (
        <fieldset className={css.group}>
          <legend>{label}</legend>
          {help && <p className={css.help}>{help}</p>}
          <Fields controls={control.controls} values={(value ?? {}) as Values} onChange={onChange} />
        </fieldset>
      );
  }
}

function Sliding({ control, value, onChange }: FieldProps<Extract<Control, { kind: "slider" }>>) {
  const { label, help, min, max, step } = control;
  const id = useId();
  const now = typeof value === "number" ? value : min;
  return (
    <div className={css.field}>
      <div className={css.line}>
        <span id={id} className={css.label}>
          {label}
        </span>
        <output className={css.value}>{now}</output>
      </div>
      <Slider
        aria-labelledby={id}
        thumbProps={{ "aria-labelledby": id, "aria-describedby": `${id}-help` }}
        label={null}
        size="md"
        thumbSize={24}
        min={min}
        max={max}
        step={step}
        value={now}
        onChange={onChange}
      />
      <p id={`${id}-help`} className={css.help}>
        {help}
      </p>
    </div>
  );
}

function Choice({ control, value, onChange }: FieldProps<Extract<Control, { kind: "choice" }>>) {
  const { label, help, options } = control;
  const id = useId();
  const data = options.map((option) => ({ value: String(option.value), label: option.label }));
  const take = (chosen: string) => onChange(options.find((option) => String(option.value) === chosen)?.value);
  const brief = options.length <= FEW && data.reduce((sum, one) => sum + one.label.length, 0) <= SHORT;
  if (!brief)
    return (
      <NativeSelect
        className={css.field}
        label={label}
        description={help}
        inputWrapperOrder={BELOW}
        data={data}
        value={String(value)}
        onChange={(event) => take(event.currentTarget.value)}
      />
    );
  return (
    <div className={css.field}>
      <span id={id} className={css.label}>
        {label}
      </span>
      <SegmentedControl fullWidth aria-labelledby={id} data={data} value={String(value)} onChange={take} />
      <p className={css.help}>{help}</p>
    </div>
  );
}

/** A color, or none. */
function Color({ control, value, onChange }: FieldProps<Extract<Control, { kind: "color" }>>) {
  const { label, help } = control;
  const id = useId();
  const now = typeof value === "string" ? value : "";
  return (
    <div className={css.field}>
      <div className={css.line}>
        <label htmlFor={id} className={css.label}>
          {label}
        </label>
        <output className={css.value}>{now || text.controls.noColor}</output>
      </div>
      <div className={css.color}>
        <input
          id={id}
          type="color"
          data-none={now === ""}
          aria-describedby={`${id}-help`}
          value={now || UNSET}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
        <Button variant="default" size="sm" disabled={now === ""} onClick={() => onChange("")}>
          {text.controls.forgetColor}
        </Button>
      </div>
      <p id={`${id}-help`} className={css.help}>
        {help}
      </p>
    </div>
  );
}

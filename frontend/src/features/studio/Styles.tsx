import { ActionIcon, Button, Slider } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { format } from "../../api/money";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RouteAnchor } from "../../ui/RouteAnchor";
import { LinesSkeleton } from "../../ui/Skeletons";
import { Choose } from "./Choose";
import css from "./Styles.module.css";
import { text } from "./strings";
import type { Medium, Style } from "./types";
import type { ChosenStyle } from "./useStyles";

const HEAVIEST = 10;

interface Props {
  chosen: ChosenStyle[];
  weights: Record<string, number>;
  medium: Medium;
  /** Whether the engine takes more than one. */
  mixes: boolean;
  onStyles: (ids: string[]) => void;
  onWeights: (weights: Record<string, number>) => void;
}

/** The style or styles to draw from. */
export function Styles({ chosen, weights, medium, mixes, onStyles, onWeights }: Props) {
  const [adding, setAdding] = useState(false);
  const ids = chosen.map(({ id }) => id);
  const drop = (id: string) => onStyles(ids.filter((one) => one !== id));
  const choosing = adding || ids.length === 0;
  return (
    <section aria-labelledby="style" className={css.section}>
      <h2 id="style" className={css.title}>
        {text.styles.title}
      </h2>
      <ul className={css.chosen}>
        {chosen.map(({ id, style, error }) => (
          <li key={id}>
            <One id={id} style={style} error={error} onRemove={() => drop(id)} />
            {ids.length > 1 && style && (
              <Weight
                name={style.name}
                value={weights[id] ?? 1}
                total={ids.reduce((sum, one) => sum + (weights[one] ?? 1), 0)}
                onChange={(weight) => onWeights({ ...weights, [id]: weight })}
              />
            )}
          </li>
        ))}
      </ul>
      {choosing ? (
        <Choose
          medium={medium}
          without={ids}
          onChoose={(id) => {
            setAdding(false);
            onStyles([...ids, id]);
          }}
          onClose={ids.length > 0 ? () => setAdding(false) : undefined}
        />
      ) : (
        mixes && (
          <Button
            variant="subtle"
            size="sm"
            leftSection={<IconPlus size={16} aria-hidden="true" />}
            onClick={() => setAdding(true)}
          >
            {text.styles.add}
          </Button>
        )
      )}
    </section>
  );
}

interface OneProps {
  id: string;
  style: Style | undefined;
  error: unknown;
  onRemove: () => void;
}

function One({ id, style, error, onRemove }: OneProps) {
  if (error)
    return (
      <div>
        <ProblemAlert error={error} />
        <Button variant="default" size="sm" mt="xs" onClick={onRemove}>
          {text.styles.drop}
        </Button>
      </div>
    );
  if (!style) return <LinesSkeleton count={1} />;
  const [look] = style.looks;
  return (
    <div className={css.one}>
      {look && (
        <img data-waveform={style.medium === "sound" || undefined} src={look.url} alt="" width={56} height={56} />
      )}
      <div className={css.words}>
        <RouteAnchor to="/styles/$id" params={{ id }}>
          {style.name}
        </RouteAnchor>
        <span className={css.fine}>{text.styles.by(style.creator.name)}</span>
        {!style.offer && <span className={css.fault}>{text.styles.gone(style.name)}</span>}
      </div>
      {style.offer && <span className={css.price}>{format(style.offer.price)}</span>}
      <ActionIcon
        variant="subtle"
        color="gray"
        size={36}
        aria-label={text.styles.remove(style.name)}
        onClick={onRemove}
      >
        <IconX size={18} aria-hidden="true" />
      </ActionIcon>
    </div>
  );
}

interface WeightProps {
  name: string;
  value: number;
  total: number;
  onChange: (value: number) => void;
}

function Weight({ name, value, total, onChange }: WeightProps) {
  return (
    <div className={css.weight}>
      <Slider
        thumbLabel={text.styles.weight(name)}
        label={null}
        thumbSize={24}
        min={1}
        max={HEAVIEST}
        value={value}
        onChange={onChange}
      />
      <output>{text.styles.part(Math.round((value / total) * 100))}</output>
    </div>
  );
}

import { Button, Slider } from "@mantine/core";
import "@mantine/core/styles/Slider.layer.css";
import { useId, useState } from "react";
import { Board } from "./Board";
import css from "./Easel.module.css";
import type { Layer, PainterProps } from "./Painter";
import { columns, HALVES, type Half, half, type Mark, rows } from "./painting";
import { pigment } from "./pigment";
import { text } from "./strings";

const said = text.painter;
const THIN = 1; // percent of the longer side
const THICK = 40;
const BRUSH = 10;
const ERASER = "";

/** Brushes, eraser, undo, and ready-made divisions for whoever does not paint by hand. */
export default function Easel({ label, picture, ratio, layers, painting, onPainting }: PainterProps) {
  const [brush, setBrush] = useState(layers[0]?.key ?? ERASER);
  const [size, setSize] = useState(BRUSH);
  const [past, setPast] = useState<Mark[][]>([]);
  const { marks } = painting;
  const shape = { ratio: marks.length > 0 ? painting.ratio : ratio };
  const chosen = brush === ERASER || layers.some(({ key }) => key === brush) ? brush : (layers[0]?.key ?? ERASER);

  function put(next: Mark[], over = shape.ratio) {
    setPast((before) => [...before, marks]);
    onPainting({ ratio: over, marks: next });
  }
  function undo() {
    onPainting({ ...painting, marks: past.at(-1) ?? marks.slice(0, -1) });
    setPast((before) => before.slice(0, -1));
  }
  return (
    <div className={css.easel}>
      <Board
        label={label}
        picture={picture}
        ratio={shape.ratio}
        layers={layers}
        marks={marks}
        brush={{ layer: chosen === ERASER ? null : chosen, size: size / 100 }}
        onMark={(mark, over) => put([...marks, mark], over)}
      />
      <div className={css.tools}>
        <Brushes layers={layers} chosen={chosen} onChoose={setBrush} />
        <Width value={size} onChange={setSize} />
        <div className={css.buttons}>
          <Button variant="default" size="sm" disabled={marks.length === 0 && past.length === 0} onClick={undo}>
            {said.undo}
          </Button>
          <Button variant="default" size="sm" disabled={marks.length === 0} onClick={() => put([])}>
            {said.clear}
          </Button>
        </div>
        <Ready layers={layers} marks={marks} onMarks={(next) => put(next)} />
      </div>
    </div>
  );
}

interface BrushesProps {
  layers: Layer[];
  chosen: string;
  onChoose: (key: string) => void;
}

function Brushes({ layers, chosen, onChoose }: BrushesProps) {
  const group = useId();
  const all = [...layers, { key: ERASER, name: said.eraser }];
  return (
    <fieldset className={css.brushes}>
      <legend>{said.brush}</legend>
      {all.map(({ key, name }, index) => (
        <label key={key} data-chosen={key === chosen}>
          <input type="radio" name={group} value={key} checked={key === chosen} onChange={() => onChoose(key)} />
          {key !== ERASER && <span className={css.swatch} style={{ background: pigment(index) }} aria-hidden="true" />}
          {name}
        </label>
      ))}
    </fieldset>
  );
}

function Width({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  return (
    <div className={css.width}>
      <span aria-hidden="true">{said.size}</span>
      <Slider
        thumbLabel={said.size}
        label={null}
        thumbSize={24}
        min={THIN}
        max={THICK}
        value={value}
        onChange={onChange}
      />
    </div>
  );
}

interface ReadyProps {
  layers: Layer[];
  marks: Mark[];
  onMarks: (marks: Mark[]) => void;
}

/** Divisions at one press. With several layers they share the picture out; one layer gets a part more. */
function Ready({ layers, marks, onMarks }: ReadyProps) {
  const keys = layers.map(({ key }) => key);
  const [only] = keys;
  const options: [string, Mark[]][] =
    keys.length > 1
      ? [
          [said.columns, columns(keys)],
          [said.columnsBack, columns(keys.toReversed())],
          [said.rows, rows(keys)],
          [said.rowsBack, rows(keys.toReversed())],
        ]
      : (Object.keys(HALVES) as Half[]).map((name) => [said.halves[name], [...marks, half(only ?? ERASER, name)]]);
  return (
    <fieldset className={css.ready}>
      <legend>{said.ready}</legend>
      {options.map(([name, next]) => (
        <Button key={name} variant="subtle" size="compact-sm" onClick={() => onMarks(next)}>
          {name}
        </Button>
      ))}
    </fieldset>
  );
}

import { Switch } from "@mantine/core";
import { type PointerEvent, type Ref, useEffect, useRef, useState } from "react";
import { type Amount, format, percent } from "../api/money";
import { type IndexMap, paint, readIndices } from "./indices";
import css from "./ProvenanceMap.module.css";
import { text } from "./strings";

export interface Contribution {
  index: number;
  asset: string;
  title: string;
  licensor: { id: string; name: string };
  /** Millionths of the work. */
  share: number;
  amount: Amount | null;
  url: string | null;
  color: string;
}

interface Props {
  picture: string;
  overlay: string;
  alt: string;
  width: number;
  height: number;
  contributions: Contribution[];
  /** At first; people may change it. */
  colored?: boolean;
}

/** The work with its sources colored; pointing at the picture or at a row of the table shows both together. */
export function ProvenanceMap({ picture, overlay, alt, width, height, contributions, colored = true }: Props) {
  const [on, setOn] = useState(colored);
  const [chosen, setChosen] = useState<number | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const map = useIndices(overlay);
  useEffect(() => {
    if (canvas.current && map) paint(canvas.current, map, on || chosen !== null ? contributions : [], chosen);
  }, [map, contributions, chosen, on]);

  function point(event: PointerEvent<HTMLDivElement>) {
    const index = map ? under(event, map) : null;
    setChosen(contributions.some((one) => one.index === index) ? index : null);
  }
  const one = contributions.find(({ index }) => index === chosen);

  return (
    <div className={css.map}>
      <figure className={css.figure}>
        <div
          className={css.stage}
          style={{ aspectRatio: `${width} / ${height}` }}
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => setChosen(null)}
        >
          <img src={picture} alt={alt} width={width} height={height} />
          <canvas ref={canvas} />
        </div>
        <figcaption className={css.caption}>
          <Switch checked={on} onChange={(event) => setOn(event.currentTarget.checked)} label={text.provenance.show} />
          <span>{one ? `${one.title} · ${one.licensor.name} · ${percent(one.share)}` : text.provenance.hint}</span>
        </figcaption>
      </figure>
      <Sources contributions={contributions} chosen={chosen} onChoose={setChosen} />
    </div>
  );
}

interface SourcesProps {
  contributions: Contribution[];
  chosen: number | null;
  onChoose: (index: number | null) => void;
  ref?: Ref<HTMLTableElement>;
}

/** The same as a table. Each source is a button, so that the keyboard lights up its part of the picture too. */
function Sources({ contributions, chosen, onChoose }: SourcesProps) {
  const paid = contributions.some(({ amount }) => amount !== null);
  return (
    <table className={css.table}>
      <caption>{text.provenance.caption}</caption>
      <thead>
        <tr>
          <th scope="col">{text.provenance.source}</th>
          <th scope="col">{text.provenance.share}</th>
          {paid && <th scope="col">{text.provenance.earned}</th>}
        </tr>
      </thead>
      <tbody>
        {contributions.map((one) => (
          <tr
            key={one.asset}
            data-chosen={one.index === chosen}
            onPointerEnter={() => onChoose(one.index)}
            onPointerLeave={() => onChoose(null)}
          >
            <th scope="row">
              <button
                type="button"
                className={css.source}
                aria-pressed={one.index === chosen}
                onFocus={() => onChoose(one.index)}
                onBlur={() => onChoose(null)}
                onClick={() => onChoose(one.index)}
              >
                <span className={css.swatch} style={{ background: one.color }} aria-hidden="true" />
                {one.url && <img src={one.url} alt="" loading="lazy" width={44} height={44} />}
                <span className={css.words}>
                  {one.title}
                  <span className={css.by}>{one.licensor.name}</span>
                </span>
              </button>
            </th>
            <td>{percent(one.share)}</td>
            {paid && <td>{one.amount ? format(one.amount) : ""}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function useIndices(url: string): IndexMap | null {
  const [map, setMap] = useState<IndexMap | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    setMap(null);
    readIndices(url, controller.signal)
      .then(setMap)
      .catch(() => undefined); // the table says the same without the picture
    return () => controller.abort();
  }, [url]);
  return map;
}

function under(event: PointerEvent<HTMLDivElement>, map: IndexMap): number | null {
  const box = event.currentTarget.getBoundingClientRect();
  const x = Math.floor(((event.clientX - box.left) / box.width) * map.width);
  const y = Math.floor(((event.clientY - box.top) / box.height) * map.height);
  if (x < 0 || y < 0 || x >= map.width || y >= map.height) return null;
  return map.indices[y * map.width + x] ?? null;
}

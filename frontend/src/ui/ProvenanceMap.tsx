import { Switch } from "@mantine/core";
import { type PointerEvent, useEffect, useRef, useState } from "react";
import { percent } from "../api/money";
import { type IndexMap, paint } from "./indices";
import css from "./ProvenanceMap.module.css";
import { type Contribution, Sources } from "./Sources";
import { text } from "./strings";
import { useIndices } from "./useIndices";

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

function under(event: PointerEvent<HTMLDivElement>, map: IndexMap): number | null {
  const box = event.currentTarget.getBoundingClientRect();
  const x = Math.floor(((event.clientX - box.left) / box.width) * map.width);
  const y = Math.floor(((event.clientY - box.top) / box.height) * map.height);
  if (x < 0 || y < 0 || x >= map.width || y >= map.height) return null;
  return map.indices[y * map.width + x] ?? null;
}

import { type PointerEvent, useEffect, useRef, useState } from "react";
import { percent } from "../../api/money";
import { type IndexMap, paintLane } from "../indices";
import { type Contribution, Sources } from "../Sources";
import { useIndices } from "../useIndices";
import Player, { type Track } from "./Player";
import css from "./ProvenanceLane.module.css";
import { clock } from "./peaks";
import { text } from "./strings";

export interface LaneProps {
  name: string;
  track: Track;
  other?: Track | null;
  seconds: number | null;
  picture?: string | null;
  /** A palette PNG of one row: a column for each stretch of time. */
  overlay: string;
  contributions: Contribution[];
}

/** A work with the sources of each moment in color; pointing at them, at a row, or playing shows which one it is. */
export default function ProvenanceLane({ overlay, contributions, ...player }: LaneProps) {
  const [chosen, setChosen] = useState<number | null>(null);
  const map = useIndices(overlay);
  const { seconds } = player;
  return (
    <div className={css.whole}>
      <Player
        {...player}
        lane={(at, seek) =>
          map && (
            <Lane
              map={map}
              contributions={contributions}
              chosen={chosen}
              onChoose={setChosen}
              at={at}
              seconds={seconds ?? 0}
              onSeek={seek}
            />
          )
        }
      />
      {contributions.length > 0 && <Sources contributions={contributions} chosen={chosen} onChoose={setChosen} heard />}
    </div>
  );
}

interface StripProps {
  map: IndexMap;
  contributions: Contribution[];
  chosen: number | null;
  onChoose: (index: number | null) => void;
  at: number;
  seconds: number;
  onSeek: (seconds: number) => void;
}

/** For the eye and the pointer; by keyboard the place in the waveform says the same, and the table all of it. */
function Lane({ map, contributions, chosen, onChoose, at, seconds, onSeek }: StripProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  useEffect(() => {
    if (canvas.current) paintLane(canvas.current, map, contributions, chosen);
  }, [map, contributions, chosen]);

  const sourceAt = (time: number) =>
    contributions.find(({ index }) => index === map.indices[Math.floor((time / seconds) * map.width)]);
  function timeOf(event: PointerEvent<HTMLElement>): number {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.max(0, Math.min(0.9999, (event.clientX - box.left) / box.width)) * seconds;
  }
  function point(event: PointerEvent<HTMLElement>): void {
    const time = timeOf(event);
    setPointed(time);
    onChoose(sourceAt(time)?.index ?? null);
  }
  const time = pointed ?? at;
  const one = sourceAt(time);
  return (
    <figure className={css.lane}>
      <div
        className={css.colors}
        onPointerMove={point}
        onPointerDown={(event) => onSeek(timeOf(event))}
        onPointerLeave={() => {
          setPointed(null);
          onChoose(null);
        }}
      >
        <canvas ref={canvas} />
      </div>
      <figcaption className={css.caption}>
        <span className={css.time}>{clock(time, true)}</span>
        {one ? (
          <>
            <span className={css.swatch} style={{ background: one.color }} aria-hidden="true" />
            <span>
              {one.title} · {one.licensor.name} · {percent(one.share)}
            </span>
          </>
        ) : (
          <span>{pointed === null && at === 0 ? text.lane.hint : text.lane.between}</span>
        )}
      </figcaption>
    </figure>
  );
}

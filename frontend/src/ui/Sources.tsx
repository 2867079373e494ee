import { type Amount, format, percent } from "../api/money";
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

interface SourcesProps {
  contributions: Contribution[];
  chosen: number | null;
  onChoose: (index: number | null) => void;
  /** They are recordings, shown by their waveforms. */
  heard?: boolean;
}

/** The same as a table. Each source is a button, so that the keyboard lights up its part of the work, too. */
export function Sources({ contributions, chosen, onChoose, heard }: SourcesProps) {
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
                {one.url && <img data-waveform={heard} src={one.url} alt="" loading="lazy" width={44} height={44} />}
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

import type { Amount } from "../api/money";
import { format, percent, sharesOf } from "../api/money";
import { pigment } from "./pigment";
import css from "./SplitBar.module.css";
import { text } from "./strings";

export interface Part {
  key: string;
  name: string;
  role?: string;
  amount?: Amount;
  /** Millionths; taken from the amounts if left out. */
  share?: number;
}

interface Props {
  parts: Part[];
  /** What is divided, for those who listen. */
  label?: string;
}

/** Who gets what: a bar, and under it the same as a table. */
export function SplitBar({ parts, label = text.split.caption }: Props) {
  const amounts = parts.flatMap(({ amount }) => amount ?? []);
  const counted = amounts.length === parts.length ? sharesOf(amounts) : [];
  const rows = parts.map((part, index) => ({
    ...part,
    share: part.share ?? counted[index] ?? 0,
    color: pigment(index),
  }));
  return (
    <div>
      <div className={css.bar} aria-hidden="true">
        {rows
          .filter(({ share }) => share > 0)
          .map(({ key, share, color }) => (
            <span key={key} style={{ flexGrow: share, background: color }} />
          ))}
      </div>
      <table className={css.table}>
        <caption className="unseen">{label}</caption>
        <thead className={css.head}>
          <tr>
            <th scope="col">{text.split.to}</th>
            <th scope="col">{text.split.share}</th>
            {amounts.length > 0 && <th scope="col">{text.split.amount}</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name, role, share, amount, color }) => (
            <tr key={key}>
              <th scope="row">
                <span className={css.dot} style={{ background: color }} aria-hidden="true" />
                {name} {role && <span className={css.role}>{role}</span>}
              </th>
              <td>{percent(share)}</td>
              {amounts.length > 0 && <td>{amount ? format(amount) : ""}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

import { Money } from "../../ui/Money";
import type { Statement } from "./ledger";
import css from "./Statement.module.css";
import { text } from "./strings";

const said = text.statement;
const HINTS: Record<string, string> = { fee: said.feeHint, exploitation: said.exploitationHint };

/** What stood before, each kind of revenue on its own, and what stands after. */
export function Totals({ statement: { opening, totals, closing, asset } }: { statement: Statement }) {
  const rows = [
    { key: "opening", name: said.opening, hint: "", amount: opening },
    ...Object.entries(totals).map(([kind, amount]) => ({
      key: kind,
      name: said.kinds[kind] ?? kind,
      hint: HINTS[kind] ?? "",
      amount,
    })),
    { key: "closing", name: said.closing, hint: "", amount: closing },
  ];
  return (
    <dl className={css.totals} aria-label={said.totals}>
      {rows.map(({ key, name, hint, amount }) => (
        <div key={key} data-kind={key}>
          <dt>
            {name}
            {hint && <span className={css.hint}>{hint}</span>}
          </dt>
          <dd>
            <Money of={{ amount, asset }} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

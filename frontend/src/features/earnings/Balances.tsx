import type { Schemas } from "../../api/client";
import { Money } from "../../ui/Money";
import css from "./Earnings.module.css";
import { text } from "./strings";

type Balance = Schemas["Balance"];
const said = text.accounts;

/** What was earned first, then what can be spent. */
const ORDER = ["creator", "earned", "credit"];
const byKind = (a: Balance, b: Balance) => ORDER.indexOf(a.account) - ORDER.indexOf(b.account);

/** One line for each account, the largest letters for the sums. */
export function Balances({ balances }: { balances: Balance[] }) {
  return (
    <section aria-labelledby="now" className={css.balances}>
      <h2 id="now" className={css.heading}>
        {text.now}
      </h2>
      <dl className={css.accounts}>
        {[...balances].sort(byKind).map((one) => (
          <div key={one.account + one.owner}>
            <dt>
              {one.account === "creator" ? said.creator(one.name) : said[one.account]}
              <span className={css.hint}>{said[`${one.account}Hint`]}</span>
            </dt>
            <dd>
              <Money of={one.balance} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

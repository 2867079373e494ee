import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Money } from "../../ui/Money";
import { When } from "../../ui/When";
import { accountKind, baseOf, type Line, type Statement } from "./ledger";
import css from "./Statement.module.css";
import { text } from "./strings";

const said = text.statement;
const PAGE = 50;

/** Every line, the newest first; on a phone each is a small card. */
export function Lines({ statement }: { statement: Statement }) {
  const [shown, setShown] = useState(PAGE);
  const several = Object.keys(statement.balances).length > 1;
  const lines = [...statement.lines].reverse();
  const rest = lines.length - shown;
  return (
    <div>
      <table className={css.table}>
        <caption className="unseen">{said.caption}</caption>
        <thead>
          <tr>
            <th scope="col">{said.columns.at}</th>
            <th scope="col">{said.columns.kind}</th>
            {several && <th scope="col">{said.columns.account}</th>}
            <th scope="col">{said.columns.work}</th>
            <th scope="col">{said.columns.amount}</th>
          </tr>
        </thead>
        <tbody>
          {lines.slice(0, shown).map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no ids, and the list only grows at its end
            <Row key={index} line={line} asset={statement.asset} several={several} />
          ))}
        </tbody>
      </table>
      {rest > 0 && (
        <Button mt="sm" variant="default" onClick={() => setShown(shown + PAGE * 4)}>
          {said.more(Math.min(rest, PAGE * 4))}
        </Button>
      )}
    </div>
  );
}

function Row({ line, asset, several }: { line: Line; asset: string; several: boolean }) {
  const base = said.kinds[baseOf(line.kind)] ?? line.kind;
  const account = accountKind(line.account);
  return (
    <tr>
      <td className={css.at}>
        <When at={line.at} />
      </td>
      <th scope="row" className={css.kind}>
        {baseOf(line.kind) === line.kind ? base : said.reversed(base)}
      </th>
      {several && <td className={css.account}>{said.names[account] ?? account}</td>}
      <td className={css.work}>
        {line.work && (
          <Link to="/works/$id" params={{ id: line.work }}>
            {said.see(line.work)}
          </Link>
        )}
      </td>
      <td className={css.amount} data-off={line.amount < 0}>
        <Money of={{ amount: line.amount, asset }} />
      </td>
    </tr>
  );
}

import { format } from "../../api/money";
import { pigment } from "../../ui/pigment";
import { dayInWords } from "../../ui/When";
import { byDay, type Day, type Statement } from "./ledger";
import css from "./Statement.module.css";
import { text } from "./strings";

const HEIGHT = 120; // units of the drawing
const STEP = 12;
const REVENUE = ["fee", "exploitation"];
const PURSE = ["topup", "fee", "exploitation"];

/** A bar for each day, kinds of revenue kept apart; the table beneath is its twin for those who do not see it. */
export function Bars({ statement }: { statement: Statement }) {
  const kinds = (statement.owner.startsWith("cre_") ? REVENUE : PURSE).filter((kind) => kind in statement.totals);
  const all = byDay(statement.lines, kinds);
  if (all.length < 2) return null;
  const up = Math.max(...all.map((day) => sum(day, 1)));
  const down = Math.max(...all.map((day) => sum(day, -1)));
  const scale = HEIGHT / Math.max(1, up + down);
  const asset = statement.asset;
  const width = Math.max(all.length * STEP, 10 * STEP);
  return (
    <figure className={css.bars}>
      <figcaption>
        <span className={css.barsTitle}>{text.bars.title}</span>
        {kinds.map((kind, index) => (
          <span key={kind} className={css.legend}>
            <span style={{ background: pigment(index) }} aria-hidden="true" /> {text.statement.kinds[kind]}
          </span>
        ))}
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${HEIGHT + 1}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={text.bars.label(all.length, format({ amount: up, asset }))}
      >
        <line x1={0} x2={width} y1={up * scale} y2={up * scale} className={css.axis} />
        {all.map((day, index) => (
          <g key={day.day}>
            <title>{text.bars.day(dayInWords(day.day), format({ amount: net(day), asset }))}</title>
            <rect x={index * STEP} y={0} width={STEP} height={HEIGHT} className={css.hit} />
            {stack(day, kinds, up * scale, scale).map(({ y, height, kind }) => (
              <rect
                key={kind}
                x={index * STEP + 1}
                y={y}
                width={STEP - 2}
                height={height}
                style={{ fill: pigment(kinds.indexOf(kind)) }}
              />
            ))}
          </g>
        ))}
      </svg>
      <p className={css.ends} aria-hidden="true">
        <span>{dayInWords(all[0]?.day ?? "")}</span>
        <span>{dayInWords(all.at(-1)?.day ?? "")}</span>
      </p>
    </figure>
  );
}

const values = ({ sums }: Day) => Object.values(sums);
const net = (day: Day) => values(day).reduce((total, one) => total + one, 0);

/** What went onto the account that day (`sign` 1), or off it (-1). */
const sum = (day: Day, sign: 1 | -1) => values(day).reduce((total, one) => total + Math.max(0, sign * one), 0);

function stack({ sums }: Day, kinds: readonly string[], axis: number, scale: number) {
  let [above, below] = [axis, axis];
  return kinds.flatMap((kind) => {
    const height = Math.abs(sums[kind] ?? 0) * scale;
    if (height === 0) return [];
    if ((sums[kind] ?? 0) > 0) above -= height;
    const y = (sums[kind] ?? 0) > 0 ? above : below;
    if ((sums[kind] ?? 0) < 0) below += height;
    return [{ kind, y, height }];
  });
}

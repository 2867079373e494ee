import { Button } from "@mantine/core";
import { format } from "../../api/money";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { LinesSkeleton } from "../../ui/Skeletons";
import { SplitBar } from "../../ui/SplitBar";
import { TermsCard, Uses } from "../../ui/TermsCard";
import css from "./Deal.module.css";
import { text } from "./strings";
import { TopUp } from "./TopUp";
import type { Kind, Quote } from "./types";
import type { Busy } from "./useMake";

/** How many takes are tried at once. */
export const TAKES = 4;

interface Props {
  quote: Quote | undefined;
  error: unknown;
  onRetry: () => void;
  onToppedUp: () => void;
  /** Whether the credit is being topped up. */
  toppingUp: boolean;
  onTopUp: () => void;
}

/** What it costs now, who gets it, and what one may do with the work: before anything is ordered. */
export function Deal({ quote, error, onRetry, onToppedUp, toppingUp, onTopUp }: Props) {
  return (
    <section aria-labelledby="deal" className={css.deal}>
      <h2 id="deal" className={css.title}>
        {quote ? text.deal.price(format(quote.price)) : text.deal.title}
      </h2>
      <ProblemAlert error={error} onRetry={onRetry} advice={text.problems} />
      {!quote && !error && <LinesSkeleton count={3} />}
      {quote && (
        <>
          <h3 className={css.subtitle}>{text.deal.gets}</h3>
          <SplitBar
            label={text.deal.gets}
            parts={quote.lines.map(({ to, name, role, amount }) => ({
              key: to,
              name,
              role: text.deal.roles[role],
              amount,
            }))}
          />
          {quote.predicted && <p className={css.fine}>{text.deal.predicted}</p>}
          <h3 className={css.subtitle}>{text.deal.may}</h3>
          <Uses uses={quote.uses} reported={quote.report_uses} />
          <details className={css.more}>
            <summary>{text.deal.terms}</summary>
            <TermsCard terms={termsOf(quote)} />
          </details>
          {quote.credit && (
            <div className={css.credit}>
              <p className={css.fine}>
                {text.deal.credit(format(quote.credit))}. {quote.price.amount > 0 && text.deal.held}
              </p>
              {quote.enough === false && !toppingUp && (
                <Button variant="default" size="sm" onClick={onTopUp}>
                  {text.topUp.open}
                </Button>
              )}
            </div>
          )}
          {quote.credit && quote.enough === false && toppingUp && (
            <TopUp credit={quote.credit} price={quote.price} onDone={onToppedUp} />
          )}
        </>
      )}
    </section>
  );
}

function termsOf(quote: Quote) {
  return {
    price: quote.price,
    uses: quote.uses,
    report_uses: quote.report_uses,
    territory: quote.territory,
    ends_on: quote.ends_on,
    royalty_ppm: quote.exploitation.creators_ppm,
    fan_ppm: quote.exploitation.fan_ppm,
    cap: null,
    attribution: quote.attribution.join("; "),
  };
}

interface ActionsProps {
  quote: Quote | undefined;
  /** Why nothing can be made yet; empty if it can. */
  missing: string;
  busy: Busy | null;
  onMake: (kind: Kind) => void;
  onTakes: () => void;
}

/** Always in reach: at the foot of the settings, and of the screen where that is small. */
export function Actions({ quote, missing, busy, onMake, onTakes }: ActionsProps) {
  const off = (one: Busy) => missing !== "" || (busy !== null && busy !== one);
  return (
    <div className={css.actions} data-ready={missing === ""}>
      <p className={css.missing} aria-live="polite">
        {missing}
      </p>
      {quote && missing === "" && <p className={css.brief}>{brief(quote)}</p>}
      <div className={css.buttons}>
        <Button
          variant="default"
          size="md"
          disabled={off("preview")}
          loading={busy === "preview"}
          onClick={() => onMake("preview")}
        >
          {text.deal.preview}
        </Button>
        <Button variant="default" size="md" disabled={off("takes")} loading={busy === "takes"} onClick={onTakes}>
          {text.deal.takes(TAKES)}
        </Button>
        <Button size="md" disabled={off("work") || !quote} loading={busy === "work"} onClick={() => onMake("work")}>
          {quote ? text.deal.make(quote.price.amount ? format(quote.price) : text.deal.free) : text.deal.makeIt}
        </Button>
      </div>
    </div>
  );
}

/** The same as above in one line, for where the button is and the rest is out of sight. */
function brief({ lines, uses }: Quote): string {
  const artists = lines.filter(({ role }) => role === "licensor");
  const may = uses.map((use) => text.deal.uses[use] ?? use);
  const list = may.length > 1 ? `${may.slice(0, -1).join(", ")} and ${may.at(-1)}` : (may[0] ?? "");
  return text.deal.brief(
    artists.map(({ name, amount }) => text.deal.to(format(amount), name)),
    list,
  );
}

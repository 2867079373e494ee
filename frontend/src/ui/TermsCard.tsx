import { IconCheck, IconFileDescription, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { type Amount, format } from "../api/money";
import { countryName } from "./countries";
import { SplitBar } from "./SplitBar";
import { text } from "./strings";
import css from "./TermsCard.module.css";
import { dayInWords } from "./When";

const USES = ["publish", "stream", "sell", "print", "advertise", "sample", "train"] as const;
const WHOLE = 1_000_000;

export interface TermsShown {
  price: Amount;
  uses: readonly string[];
  report_uses?: readonly string[];
  territory: string | readonly string[];
  ends_on: string;
  royalty_ppm: number;
  fan_ppm: number;
  cap: number | null;
  attribution?: string;
}

/** A license at a glance: price, what is allowed and what is not, where, until when, and who earns. */
export function TermsCard({ terms, deed, children }: { terms: TermsShown; deed?: string; children?: ReactNode }) {
  return (
    <section className={css.card} aria-label={text.terms.title}>
      <p className={css.price}>
        <strong>{terms.price.amount === 0 ? text.terms.free : format(terms.price)}</strong> {text.terms.price}
      </p>
      <Uses uses={terms.uses} reported={terms.report_uses ?? []} />
      <ul className={css.facts}>
        <li>{typeof terms.territory === "string" ? text.terms.world : text.terms.places(places(terms.territory))}</li>
        <li>{text.terms.until(dayInWords(terms.ends_on))}</li>
        <li>{terms.cap === null ? text.terms.noCap : text.terms.cap(terms.cap)}</li>
        {terms.attribution && <li>{text.terms.credit(terms.attribution)}</li>}
      </ul>
      <p className={css.subtitle}>{text.terms.earns}</p>
      <SplitBar
        label={text.terms.earns}
        parts={[
          { key: "creators", name: text.terms.creators, share: terms.royalty_ppm },
          { key: "fan", name: text.terms.fan, share: terms.fan_ppm },
          { key: "platform", name: text.terms.platform, share: WHOLE - terms.royalty_ppm - terms.fan_ppm },
        ]}
      />
      {deed && (
        <p className={css.deed}>
          <a href={deed}>{text.terms.deed}</a>
        </p>
      )}
      {children}
    </section>
  );
}

/** What may be done with a work and what may not, each with an icon and in words. */
export function Uses({
  uses,
  reported = [],
  short = false,
}: {
  uses: readonly string[];
  reported?: readonly string[];
  short?: boolean;
}) {
  const allowed = USES.filter((use) => uses.includes(use));
  const forbidden = USES.filter((use) => !uses.includes(use));
  return (
    <ul className={css.uses} data-short={short}>
      {allowed.map((use) => (
        <li key={use} data-allowed="true">
          {reported.includes(use) ? (
            <IconFileDescription size={18} aria-hidden="true" />
          ) : (
            <IconCheck size={18} aria-hidden="true" />
          )}
          <span className="unseen">{reported.includes(use) ? text.terms.reported : text.terms.allowed}: </span>
          {text.uses[use]}
          {reported.includes(use) && <span className={css.report}>reported</span>}
        </li>
      ))}
      {!short &&
        forbidden.map((use) => (
          <li key={use} data-allowed="false">
            <IconX size={18} aria-hidden="true" />
            <span className="unseen">{text.terms.forbidden}: </span>
            <s>{text.uses[use]}</s>
          </li>
        ))}
    </ul>
  );
}

const places = (codes: readonly string[]) => codes.map(countryName).join(", ") || "…";

import { Anchor } from "@mantine/core";
import { $api } from "../../api/client";
import { type Amount, format } from "../../api/money";
import { RouteAnchor } from "../../ui/RouteAnchor";
import { SplitBar } from "../../ui/SplitBar";
import { TermsCard } from "../../ui/TermsCard";
import { text } from "./strings";
import type { Provenance, Work } from "./types";
import css from "./WorkPage.module.css";

/** The fee and, apart from it, what the work earned: each divided to the last unit. */
export function Paid({ record, price }: { record: Provenance; price: Amount }) {
  const total = record.earned.reduce((sum, { amount }) => sum + amount.amount, 0);
  return (
    <section className={css.part} aria-labelledby="paid">
      <h2 id="paid">{text.paid.title}</h2>
      <h3>
        {text.paid.fee}: {format(price)}
      </h3>
      {record.paid.length > 0 ? (
        <SplitBar label={text.paid.fee} parts={parts(record.paid)} />
      ) : (
        <p className={css.words}>{text.paid.free}</p>
      )}
      <h3>
        {text.paid.earned}
        {total > 0 && `: ${format({ amount: total, asset: price.asset })}`}
      </h3>
      {record.earned.length > 0 ? (
        <SplitBar label={text.paid.earned} parts={parts(record.earned)} />
      ) : (
        <p className={css.words}>{text.paid.none}</p>
      )}
    </section>
  );
}

function parts(lines: Provenance["paid"]) {
  return lines.map(({ to, name, role, amount }) => ({ key: to, name, role: text.paid.roles[role], amount }));
}

/** The terms as they were when the work was ordered; a later version changes nothing for it. */
export function Licenses({ work }: { work: Work }) {
  return (
    <section className={css.part} aria-labelledby="licenses">
      <h2 id="licenses">{work.withdrawn_at ? text.licenses.past : text.licenses.title}</h2>
      {work.styles.map(
        ({ style, name, offer }) => offer && <Terms key={style} style={style} name={name} offer={offer} />,
      )}
    </section>
  );
}

function Terms({ style, name, offer }: { style: string; name: string; offer: string }) {
  const { data } = $api.useQuery("get", "/v1/offers/{offer}", { params: { path: { offer } } });
  return (
    <>
      <h3>
        <RouteAnchor to="/styles/$id" params={{ id: style }}>
          {name}
        </RouteAnchor>
      </h3>
      {data && <TermsCard terms={data.terms} deed={`/v1/offers/${offer}/deed`} />}
    </>
  );
}

/** What the work comes from, each with a way to it. */
export function Lineage({ record }: { record: Provenance }) {
  return (
    <section className={css.part} aria-labelledby="lineage">
      <h2 id="lineage">{text.lineage.title}</h2>
      <ul className={css.list}>
        {record.lineage.map(({ what, id, name, url }) => (
          <li key={id}>
            <span>{text.lineage.whats[what] ?? what}</span>{" "}
            {what === "style" ? (
              <RouteAnchor to="/styles/$id" params={{ id }}>
                {name}
              </RouteAnchor>
            ) : url ? (
              <Anchor href={url}>{name}</Anchor>
            ) : (
              name
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Credentials({ record }: { record: Provenance }) {
  return (
    <section className={css.part} aria-labelledby="credentials">
      <h2 id="credentials">{text.credentials.title}</h2>
      <ul className={css.credentials}>
        {record.credentials.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <dl className={css.facts}>
        <div>
          <dt>{text.credentials.hash}</dt>
          <dd>
            <code className={css.code}>{record.file_sha256}</code>
          </dd>
        </div>
        <div>
          <dt>{text.credentials.iscc}</dt>
          <dd>
            <code className={css.code}>{record.iscc}</code>
          </dd>
        </div>
      </dl>
      <p className={css.words}>
        <Anchor href={record.claim.url}>{text.credentials.claim}</Anchor>
      </p>
    </section>
  );
}

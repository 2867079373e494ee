import { Text } from "@mantine/core";
import { $api } from "../../api/client";
import { format, parse } from "../../api/money";
import type { OwnStyle } from "./own";
import { text } from "./strings";
import css from "./Terms.module.css";
import { divided, type TermsDraft } from "./terms";

const said = text.terms.earn;
const SALE = { amount: 100_000_000, asset: "USD/6" };

/** What these terms would bring: the declared split of later income, and of the price what the house quotes. */
export function Earn({ draft, offer }: { draft: TermsDraft; offer: OwnStyle["offer"] }) {
  const price = parse(draft.price);
  const fee = useFee(offer);
  const [yours] = divided(SALE, Math.round(draft.creators * 10_000), Math.round(draft.fan * 10_000));
  const same = offer !== null && price !== null && offer.price.amount === price.amount;
  return (
    <section className={css.earn} aria-live="polite">
      <h3>{said.title}</h3>
      {price && <Text>{price.amount === 0 ? said.free : said.each(format(price))}</Text>}
      {price && price.amount > 0 && <Text>{same && fee ? said.fee(format(fee)) : said.feeOpen}</Text>}
      <Text>{draft.reported.length > 0 ? said.sale(format(SALE), format(yours)) : said.none}</Text>
    </section>
  );
}

/** The creator's part of today's price, as the house itself quotes it; null while there is no offer. */
function useFee(offer: OwnStyle["offer"]) {
  const { data: house } = $api.useQuery("get", "/v1/house", {}, { staleTime: 300_000 });
  const engine = house?.engines[0];
  const { data } = $api.useQuery(
    "post",
    "/v1/quotes",
    { body: { offers: [{ offer: offer?.id ?? "", weight: 1 }], engine: engine ?? "" } },
    { enabled: Boolean(offer && engine), retry: false },
  );
  return data?.lines.find(({ role }) => role === "licensor")?.amount ?? null;
}

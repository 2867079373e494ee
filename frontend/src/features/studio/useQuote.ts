/** What the work would cost and who would get it, now; the last answer stands while a new one is asked for. */
import { keepPreviousData } from "@tanstack/react-query";
import { $api } from "../../api/client";
import { whileAway } from "../../api/queries";

export function useQuote(offers: { offer: string; weight: number }[], engine: string | undefined) {
  const query = $api.useQuery(
    "post",
    "/v1/quotes",
    { body: { offers: offers.map(({ offer, weight }) => ({ offer, weight })), engine: engine ?? "" } },
    {
      enabled: offers.length > 0 && engine !== undefined,
      placeholderData: keepPreviousData,
      refetchInterval: whileAway,
    },
  );
  return {
    data: offers.length > 0 ? query.data : undefined,
    error: query.error,
    refetch: async () => (await query.refetch()).data,
  };
}

/** The house's public facts: what it is called, what it rehearses, whether one may sign in here. */
import { $api } from "./client";
import type { paths } from "./schema.gen";

export type House = paths["/v1/house"]["get"]["responses"][200]["content"]["application/json"];

export function useHouse(): House | undefined {
  return $api.useQuery("get", "/v1/house", {}, { staleTime: 300_000 }).data;
}

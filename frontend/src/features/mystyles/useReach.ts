/** How many people hold a standing license to a style, as far as the latest hundred uses tell. */
import { $api } from "../../api/client";

export function useReach(style: string): { licenses: number; more: boolean } | null {
  const { data } = $api.useQuery("get", "/v1/uses", { params: { query: { limit: 100 } } }, { staleTime: 0 });
  if (!data) return null;
  const standing = data.items.filter((use) => use.style.id === style && use.state === "active");
  return { licenses: standing.length, more: data.next !== null };
}

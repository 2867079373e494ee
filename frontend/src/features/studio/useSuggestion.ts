/** The settings that the creator of the first chosen style suggests for it, if any. */
import { $api } from "../../api/client";
import type { Suggestion } from "./suggestion";
import type { ChosenStyle } from "./useStyles";

export function useSuggestion([first]: ChosenStyle[], engine: string | undefined): Suggestion | null {
  const style = first?.style;
  const { data } = $api.useQuery(
    "get",
    "/v1/styles/{style}/preset",
    { params: { path: { style: style?.id ?? "" }, query: { engine: engine ?? "" } } },
    { enabled: engine !== undefined && style?.offer != null },
  );
  if (!style || !data?.params) return null;
  return { style: style.id, creator: style.creator.name, title: data.title, params: data.params };
}

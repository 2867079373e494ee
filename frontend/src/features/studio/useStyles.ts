/** The chosen styles as the house knows them now. */
import { useQueries } from "@tanstack/react-query";
import { $api } from "../../api/client";
import type { Style } from "./types";

export interface ChosenStyle {
  id: string;
  style: Style | undefined;
  error: unknown;
}

export function useStyles(ids: readonly string[]): ChosenStyle[] {
  return useQueries({
    queries: ids.map((id) => $api.queryOptions("get", "/v1/styles/{style}", { params: { path: { style: id } } })),
    combine: (found) => found.map(({ data, error }, index) => ({ id: ids[index] ?? "", style: data, error })),
  });
}

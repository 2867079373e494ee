/** The engine that is chosen, or the first there is for what is made, and the controls of its settings. */
import { useMemo } from "react";
import { $api } from "../../api/client";
import { whileAway } from "../../api/queries";
import { controlsOf } from "./schema";
import type { Medium } from "./types";

export function useEngine(name: string | null, medium: Medium) {
  const { data, error } = $api.useQuery("get", "/v1/engines", {}, { refetchInterval: whileAway });
  const engines = data?.filter((one) => one.medium === medium) ?? [];
  const engine = engines.find((one) => one.name === name) ?? engines[0];
  const controls = useMemo(() => (engine ? controlsOf(engine.params) : []), [engine]);
  const media = [...new Set(data?.map((one) => one.medium))];
  return { engines, engine, controls, media, error };
}

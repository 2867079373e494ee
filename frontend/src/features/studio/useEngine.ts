/** The engine that is chosen, or the first there is, and the controls of its settings. */
import { useMemo } from "react";
import { $api } from "../../api/client";
import { whileAway } from "../../api/queries";
import { controlsOf } from "./schema";

export function useEngine(name: string | null) {
  const { data, error } = $api.useQuery("get", "/v1/engines", {}, { refetchInterval: whileAway });
  const engines = data ?? [];
  const engine = engines.find((one) => one.name === name) ?? engines[0];
  const controls = useMemo(() => (engine ? controlsOf(engine.params) : []), [engine]);
  return { engines, engine, controls, error };
}

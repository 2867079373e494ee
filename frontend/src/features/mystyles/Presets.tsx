import { lazy, Suspense } from "react";
import { $api } from "../../api/client";
import { LinesSkeleton } from "../../ui/Skeletons";
import type { OwnStyle } from "./own";

const PresetSheet = lazy(() => import("./PresetSheet"));

/** How works in this style look at first; nothing where no engine has settings to choose from, or none is made. */
export function Presets({ style }: { style: OwnStyle }) {
  const { data: engines } = $api.useQuery("get", "/v1/engines", {});
  const engine = engines?.find(({ presets, medium }) => medium === style.medium && presets.length > 0);
  if (!engine || (style.state !== "draft" && style.state !== "listed")) return null;
  return (
    <Suspense fallback={<LinesSkeleton />}>
      <PresetSheet style={style} engine={engine.name} />
    </Suspense>
  );
}

/** A work's map of sources, read from its address. */
import { useEffect, useState } from "react";
import { type IndexMap, readIndices } from "./indices";

/** Null until it is there, and without a map. */
export function useIndices(url: string | null): IndexMap | null {
  const [map, setMap] = useState<IndexMap | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    setMap(null);
    if (url === null) return;
    readIndices(url, controller.signal)
      .then(setMap)
      .catch(() => undefined); // the table says the same without the picture
    return () => controller.abort();
  }, [url]);
  return map;
}

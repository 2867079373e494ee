/** The settings of an earlier work, taken over: from the address once, or by hand. */
import { useEffect, useRef } from "react";
import { $api } from "../../api/client";
import type { Medium, Work } from "./types";
import type { Brought, Draft } from "./useDraft";
import { settingsOfWork } from "./useRepaint";

interface Options {
  change: (part: Partial<Draft>) => void;
  onDone: (styles: string[]) => void;
}

export function useTakeover(from: string | undefined, { change, onDone }: Options) {
  const { data } = $api.useQuery(
    "get",
    "/v1/works/{id}",
    { params: { path: { id: from ?? "" } } },
    { enabled: from !== undefined },
  );
  const taken = useRef<string | null>(null);
  function adopt(work: Work, withPicture = true) {
    change({ ...settingsOfWork(work), ...(work.seed !== null && { seed: work.seed }) });
    if (!withPicture) return;
    change({ mask: null, regions: null, ...(!work.backing && { backing: null }) }); // what was painted, nobody knows
    if (work.source) void bring(work.source, work.medium, change);
  }
  const latest = useRef({ adopt, onDone });
  latest.current = { adopt, onDone };
  useEffect(() => {
    if (!data || taken.current === data.id) return;
    taken.current = data.id;
    latest.current.adopt(data);
    latest.current.onDone(data.styles.map(({ style }) => style));
  }, [data]);
  return { adopt };
}

/** What it started from, as a file again; without it the one that is chosen now stays. */
async function bring(url: string, medium: Medium, change: (part: Partial<Draft>) => void): Promise<void> {
  try {
    const response = await fetch(url);
    if (!response.ok) return;
    const [name, type] = medium === "sound" ? ["recording.flac", "audio/flac"] : ["picture.png", "image/png"];
    const file: Brought = { kind: "file", file: new File([await response.blob()], name, { type }), upload: null };
    change(medium === "sound" ? { recording: file } : { source: file });
  } catch {
    // see above
  }
}

/** A finished work that is repainted in a part: its settings and styles are taken over once, then one's own. */
import { useEffect, useRef } from "react";
import { $api } from "../../api/client";
import { BLANK, type Painting } from "../../ui/painting";
import { exactly } from "./suggestion";
import type { Work } from "./types";
import { type Draft, newSeed } from "./useDraft";

export interface Repaint {
  id: string;
  work: Work | undefined;
  error: unknown;
  painting: Painting;
  onPainting: (painting: Painting) => void;
}

interface Options {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  onStyles: (styles: string[]) => void;
}

export function useRepaint(id: string | undefined, { draft, change, onStyles }: Options): Repaint | null {
  const { data, error } = $api.useQuery(
    "get",
    "/v1/works/{id}",
    { params: { path: { id: id ?? "" } } },
    { enabled: id !== undefined },
  );
  const known = draft.repaint?.work === id;
  function adopt(work: Work) {
    const repaint = { work: work.id, painting: BLANK };
    change({ ...settingsOfWork(work), seed: newSeed(), regions: null, repaint });
    onStyles(work.styles.map(({ style }) => style));
  }
  const latest = useRef(adopt);
  latest.current = adopt;
  useEffect(() => {
    if (data && !known) latest.current(data);
  }, [data, known]);
  if (id === undefined) return null;
  return {
    id,
    work: data,
    error,
    painting: known && draft.repaint ? draft.repaint.painting : BLANK,
    onPainting: (painting) => change({ repaint: { work: id, painting } }),
  };
}

/** What a work was made with, but for its seed and picture. */
export function settingsOfWork(work: Work) {
  return {
    engine: work.engine,
    ...exactly(work.params, work.styles[0]?.style),
    weights: Object.fromEntries(work.styles.map(({ style, weight }) => [style, weight])),
  };
}

/** The names of the work's styles that are not among those chosen: it cannot be repainted without them. */
export const lackingStyles = (work: Pick<Work, "styles">, ids: readonly string[]): string[] =>
  work.styles.filter(({ style }) => !ids.includes(style)).map(({ name }) => name);

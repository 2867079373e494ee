/** What the draft comes to: the engine, the settings that hold, what would be licensed, and what is missing yet. */
import { useMemo } from "react";
import { fitting, relevant } from "./schema";
import { text } from "./strings";
import { settingsOf } from "./suggestion";
import type { Medium } from "./types";
import type { Draft } from "./useDraft";
import { useEngine } from "./useEngine";
import { isPainted } from "./useParts";
import { lackingStyles, type Repaint } from "./useRepaint";
import type { ChosenStyle } from "./useStyles";
import { useSuggestion } from "./useSuggestion";

export function useSetup(draft: Draft, chosen: ChosenStyle[], repaint: Repaint | null) {
  const medium = repaint ? "picture" : mediumOf(draft, chosen);
  const sound = medium === "sound";
  const source = sound ? draft.recording : draft.source;
  const { engines, engine, controls: all, media, error } = useEngine(draft.engine, medium);
  const suggestion = useSuggestion(chosen, engine?.name);
  const can = (what: string) => engine?.accepts.includes(what) ?? false;
  const from = (repaint ? repaint.work?.source : source) ? "source" : "compose";
  const controls = useMemo(() => relevant(all, from), [all, from]);
  const offers = chosen.flatMap(({ id, style }) =>
    style?.offer ? [{ style: id, offer: style.offer.id, weight: draft.weights[id] ?? 1 }] : [],
  );
  const complete = offers.length > 0 && offers.length === chosen.length;

  function missing(): string {
    if (!complete) return text.deal.needsStyle;
    if (repaint) return missingToRepaint(repaint);
    if (source || can("compose")) return "";
    return sound ? text.deal.needsRecording : text.deal.needsPicture;
  }
  function missingToRepaint({ work, painting }: Repaint): string {
    const [lacking] = work
      ? lackingStyles(
          work,
          chosen.map(({ id }) => id),
        )
      : [];
    if (lacking) return text.repaint.needsStyle(lacking);
    if (work && work.engine !== engine?.name) return text.repaint.needsEngine;
    return isPainted(painting) ? "" : text.repaint.needsPart;
  }
  return {
    medium,
    media,
    source,
    engines,
    engine,
    controls,
    error,
    suggestion,
    params: fitting(controls, settingsOf(draft, suggestion)),
    offers,
    complete,
    parts: {
      mask: repaint ? repaint.painting : can("mask") && source ? draft.mask : null,
      regions: can("region") ? draft.regions : null,
      styles: chosen.map(({ id }) => id),
    },
    missing: missing(),
  };
}

/** What is made: as the styles are, else what was wished last. */
function mediumOf(draft: Draft, chosen: ChosenStyle[]): Medium {
  return chosen.find(({ style }) => style)?.style?.medium ?? draft.medium;
}

/** One's own styles: how they are asked for, and how far each is on its way to being live. */
import { $api, type Schemas } from "../../api/client";
import { queries } from "../../api/queries";

export type OwnStyle = Schemas["OwnStyle"];
export type OwnAsset = Schemas["OwnAsset"];
export type Medium = OwnStyle["medium"];
export type NewOffer = Schemas["NewOffer"];
export type TermsPreset = Schemas["TermsPreset"];
export type Use = NewOffer["uses"][number];
export type AiTraining = Schemas["NewConsent"]["ai_training"];

export const STEPS = ["name", "works", "consent", "terms", "publish"] as const;
export type Step = (typeof STEPS)[number];

export const useOwnStyles = (signedIn: boolean) =>
  $api.useQuery("get", "/v1/me/styles", {}, { enabled: signedIn, staleTime: 0 });

export const useOwnStyle = (id: string) =>
  $api.useQuery("get", "/v1/me/styles/{style}", { params: { path: { style: id } } }, { staleTime: 0 });

/** Shows the answer of a change at once, and lets everything that mentions the style be asked again. */
export function keep(style: OwnStyle): void {
  const { queryKey } = $api.queryOptions("get", "/v1/me/styles/{style}", { params: { path: { style: style.id } } });
  queries.setQueryData(queryKey, style);
  void queries.invalidateQueries({
    predicate: ({ queryKey: key }) =>
      key[1] === "/v1/me/styles" || key[1] === "/v1/styles" || (key !== queryKey && mentions(key, style.id)),
  });
}

/** Puts a work that was just added, or changed, into the style that is shown. */
export function keepAsset(id: string, asset: OwnAsset): void {
  const { queryKey } = $api.queryOptions("get", "/v1/me/styles/{style}", { params: { path: { style: id } } });
  queries.setQueryData<OwnStyle>(queryKey, (style) => {
    if (!style) return style;
    const known = style.assets.some((one) => one.id === asset.id);
    const assets = known ? style.assets.map((one) => (one.id === asset.id ? asset : one)) : [...style.assets, asset];
    return { ...style, assets };
  });
  refresh(id);
}

/** Lets everything that mentions the style be asked again. */
export function refresh(id: string): void {
  void queries.invalidateQueries({ predicate: ({ queryKey: key }) => key[1] === "/v1/me/styles" || mentions(key, id) });
}

const mentions = (key: readonly unknown[], id: string) => JSON.stringify(key).includes(id);

/** The works that count, in the order in which they came. */
export const kept = (style: OwnStyle) => style.assets.filter(({ state }) => state !== "retired");
export const live = (style: OwnStyle) => style.assets.filter(({ state }) => state === "live");
export const held = (style: OwnStyle) => style.assets.filter(({ state }) => state === "held");

/** Whether a voice is still to be shown to be its creator's; the house says what a style lacks in sentences only. */
export const unproven = (style: OwnStyle): boolean => style.missing.some((line) => line.startsWith("speak the phrase"));

export function consented(style: OwnStyle, now = Date.now()): boolean {
  return style.consent !== null && style.consent.withdrawn_at === null && Date.parse(style.consent.expires_at) > now;
}

/** Which steps are done; `chosen`: whether terms lie ready that were not published yet. */
export function done(style: OwnStyle, chosen: boolean): Record<Step, boolean> {
  return {
    name: true,
    works: live(style).length > 0 && held(style).length === 0 && !unproven(style),
    consent: consented(style),
    terms: style.offer !== null || chosen,
    publish: style.state === "listed" && style.offer !== null,
  };
}

/** The first step that is not done. */
export function next(style: OwnStyle, chosen: boolean): Step {
  const state = done(style, chosen);
  return STEPS.find((step) => !state[step]) ?? "publish";
}

import type { Schemas } from "../../api/client";

export type StyleCardData = Schemas["StyleCard"];
export type Style = Schemas["Style"];
export type Look = StyleCardData["looks"][number];
export type Near = Schemas["NearStyle"];

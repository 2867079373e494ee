import type { Schemas } from "../../api/client";

export type Work = Schemas["WorkOut"];
export type Style = Schemas["Style"];
export type StyleCardData = Schemas["StyleCard"];
export type Engine = Schemas["EngineOut"];
export type Starter = Schemas["StarterOut"];
export type Quote = Schemas["QuoteOut"];
export type Checkout = Schemas["Checkout"];
export type Order = Schemas["OrderIn"];
export type Kind = Work["kind"];
export type Medium = Engine["medium"];

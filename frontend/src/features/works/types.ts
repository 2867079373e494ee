import type { Schemas } from "../../api/client";

export type Work = Schemas["WorkOut"];
export type Provenance = Schemas["ProvenanceOut"];
export type Kind = Work["kind"];
export type State = Work["state"];

/** The API as typed hooks: `$api.useQuery("get", "/v1/styles/{id}", …)`. Every refusal is thrown as a `Problem`. */
import createFetch, { type Middleware } from "openapi-fetch";
import createHooks from "openapi-react-query";
import { Problem } from "./problem";
import type { components, paths } from "./schema.gen";

export type Schemas = components["schemas"];

const refusals: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) throw await Problem.of(response);
    return undefined;
  },
};

export const api = createFetch<paths>({ baseUrl: "/", credentials: "same-origin" });
api.use(refusals);

export const $api = createHooks(api);

/** A new name for one request that costs money; keep it while retrying the same request. */
export function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** One cache for all pages; only what may succeed on a second try is tried again. */
import { QueryClient } from "@tanstack/react-query";
import { asProblem } from "./problem";

const passing = (error: unknown) =>
  [0, 502, 503, 504].includes(asProblem(error).status) && asProblem(error).code !== "page-error";

const LOOK_AGAIN = 3000; // milliseconds

/** A `refetchInterval`: while the house does not answer, what is shown asks again by itself. */
export const whileAway = ({ state }: { state: { error: unknown } }): number | false =>
  state.error && passing(state.error) ? LOOK_AGAIN : false;

/** How an endless list asks for its next page. The first page has no cursor: null, since undefined is sent as one. */
export const byCursor = {
  pageParamName: "cursor",
  initialPageParam: null,
  getNextPageParam: (last: { next: string | null }) => last.next ?? undefined,
} as const;

export const queries = new QueryClient({
  defaultOptions: {
    // Without a connection a request fails and says so; it does not wait in silence.
    queries: {
      networkMode: "always",
      staleTime: 15_000,
      retry: (count, error) => count < 3 && passing(error),
      retryDelay: (count) => Math.min(500 * 2 ** count, 4000),
    },
    mutations: { networkMode: "always", retry: false },
  },
});

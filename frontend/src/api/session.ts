/** Who is signed in. */
import { useQuery } from "@tanstack/react-query";
import { api, type Schemas } from "./client";
import { asProblem } from "./problem";
import { queries } from "./queries";

export type Me = Schemas["Me"];
export const ME = ["me"] as const;

/** Pages that are somebody's own: there the house is asked who is here whatever this browser remembers. */
const OWN = /^\/(account|earnings|my-styles|hearing|outbox|studio|usage|uses|webhooks|works)/;
const HINT = "homage-signed-in";

async function ask(): Promise<Me | null> {
  // The cookie cannot be seen from here; without this, every page of every stranger would begin with a refusal.
  if (!hinted() && !OWN.test(location.pathname)) return null;
  try {
    const { data } = await api.GET("/v1/me");
    hint(data !== undefined);
    return data ?? null;
  } catch (error) {
    if (asProblem(error).status !== 401) throw error;
    hint(false);
    return null;
  }
}

function hinted(): boolean {
  try {
    return localStorage.getItem(HINT) !== null;
  } catch {
    return true; // without storage nothing is known, so one asks
  }
}

function hint(signedIn: boolean): void {
  try {
    if (signedIn) localStorage.setItem(HINT, "1");
    else localStorage.removeItem(HINT);
  } catch {
    // As above.
  }
}

/** `undefined` until known, `null` for nobody. */
export function useMe(): Me | null | undefined {
  return useQuery({ queryKey: ME, queryFn: ask, staleTime: 60_000 }).data;
}

/** After signing in or out nothing that was loaded before may be shown to whoever is here now. */
export function enter(me: Me | null): void {
  hint(me !== null);
  void queries.cancelQueries();
  queries.removeQueries({ type: "inactive" });
  queries.setQueryData(ME, me);
  // What only the other one could see leaves the page first; the rest is asked for again.
  setTimeout(() => void queries.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== ME[0] }));
}

/** Pure: what of an address the log's page reads. Apart from the rest, since every first visit loads it. */
export const STATES = ["waiting", "delivered", "failed"] as const;

export type State = (typeof STATES)[number];

/** Which deliveries are shown; what is no state is left out. */
export const readLog = (search: Record<string, unknown>): { state?: State | undefined } => ({
  state: STATES.find((state) => state === search.state),
});

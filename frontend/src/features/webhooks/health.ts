/** Pure: what is said of a webhook and of what was sent to it, and when to look again. */
import type { Schemas } from "../../api/client";

export type Webhook = Schemas["WebhookOut"];
export type Delivery = Schemas["DeliveryOut"];
export type Attempt = Schemas["AttemptOut"];
export type Kind = Schemas["WebhookIn"]["kinds"][number];

export const KINDS: Kind[] = [
  "license.revoked",
  "work.withdrawn",
  "report.accepted",
  "work.first_sale",
  "batch.finished",
];
const LOOK_AGAIN = 1500; // milliseconds
const SOON = 20_000;

/** While something is to be sent any moment the log is asked again by itself. */
export function lookAgain(deliveries: Delivery[], now: number): number | false {
  const soon = deliveries.some(({ state, due_at }) => state === "waiting" && due_at && Date.parse(due_at) < now + SOON);
  return soon && LOOK_AGAIN;
}

/** The answer's status, or why there is none. */
export function outcome({ status, failure }: Pick<Attempt, "status" | "failure">): string {
  return [status, failure].filter((part) => part !== null && part !== "").join(": ");
}

import { createFileRoute } from "@tanstack/react-router";
import { Outbox } from "../features/outbox/Outbox";

export const Route = createFileRoute("/outbox")({ component: Outbox });

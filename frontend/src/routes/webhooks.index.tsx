import { createFileRoute } from "@tanstack/react-router";
import { Webhooks } from "../features/webhooks/Webhooks";

export const Route = createFileRoute("/webhooks/")({ component: Webhooks });

import { createFileRoute } from "@tanstack/react-router";
import { Usage } from "../features/usage/Usage";

export const Route = createFileRoute("/usage")({ component: Usage });

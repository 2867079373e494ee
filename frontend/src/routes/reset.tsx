import { createFileRoute } from "@tanstack/react-router";
import { Reset } from "../features/account/Reset";

export const Route = createFileRoute("/reset")({ component: Reset });

import { createFileRoute } from "@tanstack/react-router";
import { Confirm } from "../features/account/Confirm";

export const Route = createFileRoute("/confirm")({ component: Confirm });

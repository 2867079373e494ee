import { createFileRoute } from "@tanstack/react-router";
import { NewStyle } from "../features/mystyles/NewStyle";

export const Route = createFileRoute("/my-styles/new")({ component: NewStyle });

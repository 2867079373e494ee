import { createFileRoute } from "@tanstack/react-router";
import { MyStyles } from "../features/mystyles/MyStyles";

export const Route = createFileRoute("/my-styles/")({ component: MyStyles });

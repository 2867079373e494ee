import { createFileRoute } from "@tanstack/react-router";
import { UsesOfMe } from "../features/uses/UsesOfMe";

export const Route = createFileRoute("/uses")({ component: UsesOfMe });

import { createFileRoute } from "@tanstack/react-router";
import { EditStyle } from "../features/mystyles/EditStyle";
import type { Step } from "../features/mystyles/own";

const STEPS: readonly string[] = ["name", "works", "consent", "terms", "publish"];

export const Route = createFileRoute("/my-styles/$id")({
  validateSearch: ({ step }: Record<string, unknown>): { step?: Step } =>
    typeof step === "string" && STEPS.includes(step) ? { step: step as Step } : {},
  component: EditStyle,
});

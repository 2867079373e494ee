import { createFileRoute } from "@tanstack/react-router";
import { Hearing } from "../features/hearing/Hearing";

export const Route = createFileRoute("/hearing")({ component: Hearing });

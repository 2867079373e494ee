import { createFileRoute } from "@tanstack/react-router";
import { MyLicenses } from "../features/uses/MyLicenses";

export const Route = createFileRoute("/licenses")({ component: MyLicenses });

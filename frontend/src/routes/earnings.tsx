import { createFileRoute } from "@tanstack/react-router";
import { Earnings } from "../features/earnings/Earnings";
import { readSearch } from "../features/earnings/ledger";

export const Route = createFileRoute("/earnings")({ component: Earnings, validateSearch: readSearch });

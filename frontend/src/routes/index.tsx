import { createFileRoute } from "@tanstack/react-router";
import { Explore } from "../features/styles/Explore";
import { readSearch } from "../features/styles/search";

export const Route = createFileRoute("/")({ component: Page, validateSearch: readSearch });

function Page() {
  return <Explore search={Route.useSearch()} />;
}

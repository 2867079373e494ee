import { createFileRoute } from "@tanstack/react-router";
import { History } from "../features/works/History";
import { readHistory } from "../features/works/history-search";

export const Route = createFileRoute("/works/")({ component: Page, validateSearch: readHistory });

function Page() {
  return <History search={Route.useSearch()} />;
}

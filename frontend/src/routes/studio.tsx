import { createFileRoute } from "@tanstack/react-router";
import { Studio } from "../features/studio/Studio";
import { readStudio } from "../features/studio/search";

export const Route = createFileRoute("/studio")({ component: Page, validateSearch: readStudio });

function Page() {
  return <Studio search={Route.useSearch()} />;
}

import { createFileRoute } from "@tanstack/react-router";
import { readView } from "../features/works/view";
import { WorkPage } from "../features/works/WorkPage";

export const Route = createFileRoute("/works/$id")({ component: Page, validateSearch: readView });

function Page() {
  const { id } = Route.useParams();
  return <WorkPage key={id} id={id} view={Route.useSearch().view} />;
}

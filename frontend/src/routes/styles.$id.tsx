import { createFileRoute } from "@tanstack/react-router";
import { StylePage } from "../features/styles/StylePage";

export const Route = createFileRoute("/styles/$id")({ component: Page });

function Page() {
  const { id } = Route.useParams();
  return <StylePage key={id} id={id} />;
}

import { createFileRoute } from "@tanstack/react-router";
import { readLog } from "../features/webhooks/search";
import { WebhookPage } from "../features/webhooks/WebhookPage";

export const Route = createFileRoute("/webhooks/$id")({ component: Page, validateSearch: readLog });

function Page() {
  const { id } = Route.useParams();
  const navigate = Route.useNavigate();
  return (
    <WebhookPage
      key={id}
      id={id}
      state={Route.useSearch().state}
      onState={(state) => void navigate({ search: { state }, replace: true, resetScroll: false })}
    />
  );
}

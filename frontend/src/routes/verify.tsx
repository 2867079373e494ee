import { createFileRoute } from "@tanstack/react-router";
import { readQuestion } from "../features/verify/search";
import { Verify } from "../features/verify/Verify";

export const Route = createFileRoute("/verify")({ validateSearch: readQuestion, component: Component });

function Component() {
  const navigate = Route.useNavigate();
  return (
    <Verify
      question={Route.useSearch()}
      onQuestion={(search) => void navigate({ search, replace: true, resetScroll: false })}
    />
  );
}

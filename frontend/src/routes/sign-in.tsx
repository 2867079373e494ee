import { createFileRoute } from "@tanstack/react-router";
import { safeNext } from "../features/account/next";
import { SignIn } from "../features/account/SignIn";

export const Route = createFileRoute("/sign-in")({
  validateSearch: (search): { next?: string | undefined } => ({ next: safeNext(search.next) }),
  component: Component,
});

function Component() {
  const { next } = Route.useSearch();
  return <SignIn next={next} />;
}

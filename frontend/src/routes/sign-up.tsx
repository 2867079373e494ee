import { createFileRoute } from "@tanstack/react-router";
import { safeNext } from "../features/account/next";
import { SignUp } from "../features/account/SignUp";

export const Route = createFileRoute("/sign-up")({
  validateSearch: (search): { next?: string | undefined } => ({ next: safeNext(search.next) }),
  component: Component,
});

function Component() {
  const { next } = Route.useSearch();
  return <SignUp next={next} />;
}

import { useRouterState } from "@tanstack/react-router";
import { Empty } from "./Empty";
import { RouteButton } from "./RouteButton";
import { text } from "./strings";

/** In place of what needs an account; comes back here afterwards. */
export function SignInFirst({ title = text.account.title, why }: { title?: string; why: string }) {
  const next = useRouterState({ select: (state) => state.location.href });
  return (
    <Empty title={title} words={why}>
      <RouteButton to="/sign-up" search={{ next }}>
        {text.account.signUp}
      </RouteButton>
      <RouteButton to="/sign-in" search={{ next }} variant="default">
        {text.account.signIn}
      </RouteButton>
    </Empty>
  );
}

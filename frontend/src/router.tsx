import { createRouter } from "@tanstack/react-router";
import { routeTree } from "./routeTree.gen";
import { Broken } from "./shell/Broken";
import { Lost } from "./shell/Lost";
import { PageSkeleton } from "./ui/Skeletons";

export const router = createRouter({
  routeTree,
  defaultPreload: "intent",
  defaultPendingMs: 200,
  defaultPendingComponent: PageSkeleton,
  defaultNotFoundComponent: Lost,
  defaultErrorComponent: Broken,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

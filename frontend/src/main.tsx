import "./stale";
import "./styles/mantine.css";
import "./styles/base.css";
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { queries } from "./api/queries";
import { nonce } from "./nonce";
import { router } from "./router";
import { theme, variables } from "./theme";

const Notes = lazy(() => import("./ui/Notes"));
const scheme = localStorageColorSchemeManager({ key: "homage-scheme" });
const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      colorSchemeManager={scheme}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
        <Suspense>
          <Notes />
        </Suspense>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);

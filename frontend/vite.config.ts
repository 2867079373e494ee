import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const house = process.env.HOMAGE_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [
    tanstackRouter({ target: "react", autoCodeSplitting: true, quoteStyle: "double", semicolons: true }),
    react(),
  ],
  server: { proxy: { "/v1": house } },
  preview: { proxy: { "/v1": house } },
  build: {
    manifest: true,
    // Every browser that runs these pages knows modulepreload; the polyfill would only be more to load.
    modulePreload: { polyfill: false },
    // A data: address would need its own permission in the content security policy.
    assetsInlineLimit: 0,
    // Few files on a first visit, and those that change least are kept longest.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules\/(react|react-dom|scheduler)\// },
            { name: "data", test: /node_modules\/(@tanstack\/(?!router-plugin)|openapi-|use-sync-external-store)/ },
          ],
        },
      },
    },
  },
});

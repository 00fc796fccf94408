/** Builds the page into `dist/`, which the processor serves; `dev` asks a running processor. */
import { defineConfig } from "vite";
import solid from "vite-plugin-solid";

const PROCESSOR_URL = `http://127.0.0.1:${process.env.PROCESSOR_PORT || 8082}`;

export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that the page also works below a path of a proxy.
  base: "./",
  plugins: [solid()],
  // Every asset is a separate file: a page without inline parts keeps a strict CSP.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: {
    host: "127.0.0.1",
    port: 5173,
    strictPort: true,
    // With their slashes: a bare "/health" would take the page's own "/health_panel.tsx" too.
    proxy: {
      "/metrics/": PROCESSOR_URL,
      "/events": PROCESSOR_URL,
      "/api/": PROCESSOR_URL,
      "/dead-letters": PROCESSOR_URL,
      "/archive/": PROCESSOR_URL,
    },
  },
});

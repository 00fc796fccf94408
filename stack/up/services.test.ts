import { loadConfig } from "@tally/shared";
import { expect, test } from "bun:test";
import { addedEnv } from "./services.ts";

const originsOf = (port: number) =>
  ["localhost", "127.0.0.1", "[::1]"].map((host) => `http://${host}:${port}`);

test("addedEnv() adds the dashboard's own page to the configured ones", () => {
  const config = loadConfig({ INGEST_CORS_ORIGINS: "http://localhost:3000" }, "stack");

  const env = addedEnv(config, { pagePort: 9082, isDevelopment: false });

  const { ingest, processor } = loadConfig(env, "stack");
  expect(ingest.corsOrigins).toEqual(["http://localhost:3000", ...originsOf(9082)]);
  expect(processor.corsOrigins).toEqual([]);
  expect(env["INGEST_PROCESSES"]).toBeUndefined();
});

test("addedEnv() adds Vite's page to both services in development, and keeps ingest one process", () => {
  const config = loadConfig({ PROCESSOR_CORS_ORIGINS: "https://a.example" }, "stack");

  const env = addedEnv(config, { pagePort: 8082, isDevelopment: true });

  const { ingest, processor } = loadConfig(env, "stack");
  expect(ingest.corsOrigins).toEqual([...originsOf(8082), ...originsOf(5173)]);
  expect(env["INGEST_PROCESSES"]).toBe("1");
  expect(processor.corsOrigins).toEqual(["https://a.example", ...originsOf(5173)]);
});

test("addedEnv() leaves out the default port, as browsers do", () => {
  const env = addedEnv(loadConfig({}, "stack"), { pagePort: 80, isDevelopment: false });

  expect(loadConfig(env, "stack").ingest.corsOrigins).toContain("http://localhost");
});

test("loadConfig() allows no page of port 5173 by default", () => {
  const { ingest, processor } = loadConfig({}, "stack");

  expect(
    [...ingest.corsOrigins, ...processor.corsOrigins].filter((o) => o.includes("5173")),
  ).toEqual([]);
});

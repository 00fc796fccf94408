import { loadConfig } from "@tally/shared";
import { expect, test } from "bun:test";
import { developmentEnv } from "./services.ts";

test("developmentEnv() adds Vite's page to the configured ones in both services, and keeps ingest one process", () => {
  const config = loadConfig({ PROCESSOR_CORS_ORIGINS: "https://a.example" }, "stack");

  const env = developmentEnv(config);

  const vite = "http://localhost:5173,http://127.0.0.1:5173";
  expect(env).toEqual({
    INGEST_CORS_ORIGINS: `http://localhost:8082,http://127.0.0.1:8082,http://[::1]:8082,${vite}`,
    PROCESSOR_CORS_ORIGINS: `https://a.example,${vite}`,
    INGEST_PROCESSES: "1",
  });
  expect(loadConfig(env, "stack").processor.corsOrigins).toContain("http://localhost:5173");
});

test("loadConfig() allows no page of port 5173 by default", () => {
  const { ingest, processor } = loadConfig({}, "stack");

  expect(
    [...ingest.corsOrigins, ...processor.corsOrigins].filter((o) => o.includes("5173")),
  ).toEqual([]);
});

/** Requests that no route of the table answers: dashboard files, and reads of a POST path. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Database } from "@tally/shared/database";
import { createApp, type App } from "./server.ts";
import { NO_SERVER, testParts } from "./testing/server.ts";

const ORIGIN = "http://localhost:9999";
const NO_DATABASE = (() => undefined) as unknown as Database;
let dashboardFolder: string;
let app: App;

beforeAll(async () => {
  dashboardFolder = await mkdtemp(join(tmpdir(), "tally-unrouted-"));
  await Bun.write(join(dashboardFolder, "index.html"), "<title>Tally</title>");
  await Bun.write(join(dashboardFolder, "assets", "index-abc.js"), "export {};");
  app = createApp(
    { ...testParts(NO_DATABASE, { PROCESSOR_CORS_ORIGINS: ORIGIN }), dashboardFolder },
    NO_SERVER,
  );
});
afterAll(() => rm(dashboardFolder, { recursive: true }));

async function ask(method: string, path: string): Promise<Response> {
  const headers = { origin: ORIGIN };
  return app.fetch(new Request(`http://localhost:8082${path}`, { method, headers }));
}

describe("a file of the dashboard", () => {
  test.each(["/", "/index.html", "/assets/index-abc.js"])("%s is read", async (path) => {
    const statuses = [(await ask("GET", path)).status, (await ask("HEAD", path)).status];

    expect(statuses).toEqual([200, 200]);
  });

  test.each(["POST", "PUT", "DELETE", "PATCH"])("gets 405 with %s", async (method) => {
    const response = await ask(method, "/assets/index-abc.js");

    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
    expect(response.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(response.headers.get("x-request-id")).toBe("request-1");
  });

  test("gets 204 with OPTIONS, and 404 when it is absent", async () => {
    const methods = ["OPTIONS", "GET", "POST"];

    const present = await ask("OPTIONS", "/assets/index-abc.js");
    const absent = await Promise.all(methods.map((method) => ask(method, "/assets/other.js")));

    expect([present.status, present.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS"]);
    expect(absent.map(({ status }) => status)).toEqual([404, 404, 404]);
  });
});

describe("/dead-letters/resend", () => {
  test.each(["GET", "HEAD"])("gets 405 with %s: it is no id of a dead letter", async (method) => {
    const response = await ask(method, "/dead-letters/resend");

    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
  });
});

describe("an odd path", () => {
  test.each([
    "/events//trace",
    "/events///trace",
    "/dead-letters//resend",
    "/events/a/trace/b",
    "/events/trace",
    "//events",
    "/%zz",
    "/events%2fa",
  ])("%s gets 404", async (path) => {
    for (const method of ["GET", "POST", "OPTIONS"]) {
      const response = await ask(method, path);
      expect([method, response.status]).toEqual([method, 404]);
    }
  });

  test.each(["/events/%zz/trace", "/events/%/trace", "/events/%ff/trace", "/dead-letters/%00"])(
    "%s gets 404 with GET, and 405 with DELETE",
    async (path) => {
      expect([(await ask("GET", path)).status, (await ask("DELETE", path)).status]).toEqual([
        404, 405,
      ]);
    },
  );

  test("CONNECT gets 405, though its target is no path", async () => {
    const request = new Request("http://localhost:8082/", { method: "POST" });
    Object.defineProperty(request, "url", { value: "evil.example:80" });
    request.headers.set("host", "localhost:8082");

    expect((await app.fetch(request)).status).toBe(405);
  });
});

describe("GET /openapi.json", () => {
  test("names required parameters as required, and others not", async () => {
    const document = (await (await ask("GET", "/openapi.json")).json()) as {
      paths: Record<string, { post: { parameters: { name: string; required?: boolean }[] } }>;
    };

    const parameters = document.paths["/dead-letters/resend"]?.post.parameters;
    expect(parameters?.map(({ name, required }) => [name, required])).toEqual([
      ["code", true],
      ["limit", undefined],
      ["after", undefined],
    ]);
  });
});

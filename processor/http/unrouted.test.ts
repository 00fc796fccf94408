/** Requests that no route of the table answers: dashboard files, and reads of a POST path. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Database } from "../database/database.ts";
import { createApp, type App } from "./server.ts";
import { testParts } from "./testing/server.ts";

const NO_DATABASE = (() => undefined) as unknown as Database;
let dashboardFolder: string;
let app: App;

beforeAll(async () => {
  dashboardFolder = await mkdtemp(join(tmpdir(), "tally-unrouted-"));
  await Bun.write(join(dashboardFolder, "index.html"), "<title>Tally</title>");
  await Bun.write(join(dashboardFolder, "assets", "index-abc.js"), "export {};");
  const hooks = { isStopping: () => false, keepOpen: () => undefined, cut: () => undefined };
  app = createApp({ ...testParts(NO_DATABASE), dashboardFolder }, hooks);
});
afterAll(() => rm(dashboardFolder, { recursive: true }));

async function ask(method: string, path: string): Promise<Response> {
  const headers = { origin: "http://localhost:5173" };
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
    expect(response.headers.get("access-control-allow-origin")).toBe("http://localhost:5173");
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
  test.each(["GET", "HEAD"])("gets 404 with %s: it is no id of a dead letter", async (method) => {
    expect((await ask(method, "/dead-letters/resend")).status).toBe(404);
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

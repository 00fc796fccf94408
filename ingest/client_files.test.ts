import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLIENT_VIEWS } from "./client_files.ts";
import { expectProblem, readAnswer, startFaked, type FakedIngest } from "./testing/faked_ingest.ts";

let folder = "";
let ingest: FakedIngest;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tally-client-files-"));
  ingest = await startFaked();
});
afterAll(async () => {
  await ingest.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("the views of the client", () => {
  test("answer with the files of the build, which any page may read", async () => {
    const files = ["tally.script.js", "tally.js"];
    for (const name of files) await Bun.write(join(folder, name), name);

    const responses = await Promise.all(CLIENT_VIEWS.map(([, view]) => view(folder)));

    expect(await Promise.all(responses.map((response) => response.text()))).toEqual(files);
    for (const { headers } of responses) {
      expect(headers.get("content-type")).toBe("text/javascript; charset=utf-8");
      expect(headers.get("access-control-allow-origin")).toBe("*");
      expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
    }
  });

  test("answer 404 while there is no build", async () => {
    for (const [, view] of CLIENT_VIEWS) {
      expectProblem(await readAnswer(await view(join(folder, "nowhere"))), "not_found");
    }
  });

  test("are routes, and no path leads to another file", async () => {
    const status = async (path: string, method = "GET") =>
      (await fetch(`${ingest.url}${path}`, { method })).status;

    expect([200, 404]).toContain(await status("/client.js"));
    expect(await status("/client.mjs", "POST")).toBe(405);
    expect(await status("/client.d.ts")).toBe(404);
    expect(await status("/client.js/../package.json")).toBe(404);
  });
});

/**
 * Files of a build in a temporary folder: the right ones, with the right headers, and no others.
 */
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createDashboardFiles } from "./dashboard_files.ts";

const PAGE = '<head><meta name="tally-ingest-url" content="" /></head>';
let parent: string;
let folder: string;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "tally-dashboard-"));
  folder = join(parent, "dist");
  await Bun.write(join(parent, "secret.txt"), "secret");
  await Bun.write(join(folder, "index.html"), PAGE);
  await Bun.write(join(folder, "assets", "index-abc.js"), "export {};");
  await Bun.write(join(folder, "favicon.svg"), "<svg/>");
  await Bun.write(join(folder, ".env"), "hidden");
  await mkdir(join(folder, "empty"));
  await symlink(join(parent, "secret.txt"), join(folder, "linked.txt"));
});

afterAll(() => rm(parent, { recursive: true }));

async function answer(path: string, ingestUrl: string | null = null): Promise<Response | null> {
  const files = createDashboardFiles({ folder, ingestUrl });
  return files.answer(new URL(`http://localhost:8082${path}`));
}

describe("createDashboardFiles()", () => {
  test("answer() serves page and assets with type and caching when they are built", async () => {
    const page = await answer("/");
    const script = await answer("/assets/index-abc.js");
    const icon = await answer("/favicon.svg");

    expect(await page?.text()).toBe(PAGE);
    expect(page?.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page?.headers.get("cache-control")).toBe("no-cache");
    expect(script?.headers.get("content-type")).toContain("javascript");
    expect(script?.headers.get("cache-control")).toContain("immutable");
    expect(icon?.headers.get("content-type")).toContain("image/svg+xml");
    expect(icon?.headers.get("cache-control")).toBe("no-cache");
  });

  test("answer() gives null when the path leaves the folder, is hidden, a link or a folder", async () => {
    const paths = [
      "/../secret.txt",
      "/%2e%2e/secret.txt",
      "/..%2fsecret.txt",
      "/assets/..%5c..%5csecret.txt",
      "/assets/../../secret.txt",
      "//secret.txt",
      "/linked.txt",
      "/.env",
      "/empty",
      "/assets",
      "/assets/",
      "/index-abc.js",
      "/favicon.svg%00",
    ];

    for (const path of paths) expect([path, await answer(path)]).toEqual([path, null]);
  });

  test("answer() puts the address of ingest into the page, escaped, when it is given", async () => {
    const page = await answer("/", 'http://127.0.0.1:41234/"><script>');

    expect(await page?.text()).toContain(
      'content="http://127.0.0.1:41234/&quot;&gt;&lt;script&gt;" />',
    );
  });

  test("answer() lets the page connect to ingest and to nothing else when it sets the policy", async () => {
    const policy = async (ingestUrl: string | null, host = "localhost:8082") => {
      const files = createDashboardFiles({ folder, ingestUrl });
      const page = await files.answer(new URL(`http://${host}/`));
      const text = page?.headers.get("content-security-policy") ?? "";
      return /connect-src ([^;]*)/.exec(text)?.[1];
    };

    expect(await policy(null)).toBe("'self' http://localhost:8081 http://127.0.0.1:8081");
    expect(await policy(null, "[2001:db8::7]:8082")).toEndWith(" http://*:8081");
    expect(await policy("http://[::1]:41234")).toBe("'self' http://*:41234");
    expect(await policy(null, "tally.lan:8082")).toContain("http://tally.lan:8081");
    expect(await policy(null, "a';script-src:8082")).not.toContain("script-src");
    expect(await policy("http://127.0.0.1:41234")).toBe(
      "'self' http://localhost:41234 http://127.0.0.1:41234",
    );
    expect(await policy("https://in.example")).toBe("'self' https://in.example");
    expect((await answer("/"))?.headers.get("content-security-policy")).toStartWith(
      "default-src 'self'; ",
    );
  });

  test("answer() explains how to build when nothing is built, and serves the page once it is", async () => {
    const later = join(parent, "later");
    const files = createDashboardFiles({ folder: later, ingestUrl: null });
    const root = new URL("http://localhost/");

    const before = await files.answer(root);
    await Bun.write(join(later, "index.html"), PAGE);
    const after = await files.answer(root);

    expect(before?.status).toBe(503);
    expect(await before?.text()).toContain("run --cwd dashboard build");
    expect(after?.status).toBe(200);
  });
});

/** The built page: how much script its first view needs, and that all of it is its own. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { buildPage } from "./testing/built_page.ts";

/** Bytes of script after gzip that the first load may take. */
const FIRST_LOAD_BYTES_MAX = 100_000;

let dist: string;
beforeAll(async () => {
  dist = await buildPage();
}, 60_000);
afterAll(() => rm(dist, { recursive: true, force: true }));

const read = (name: string): Promise<string> => Bun.file(join(dist, name)).text();

/** Scripts that a script imports at once, with itself; not those that it loads when asked. */
async function scriptsOf(name: string, found = new Set<string>()): Promise<Set<string>> {
  if (found.has(name)) return found;
  found.add(name);
  const text = await read(`assets/${name}`);
  for (const [, imported] of text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g)) {
    if (imported !== undefined) await scriptsOf(imported, found);
  }
  return found;
}

test("the first load takes less than 100 kB of script, gzip, with the overview", async () => {
  const html = await read("index.html");
  const entry = /src="\.\/assets\/([\w.-]+\.js)"/.exec(html)?.[1] ?? "";
  const overview = (await readdir(join(dist, "assets"))).find((name) =>
    /^overview-.+\.js$/.test(name),
  );

  const scripts = await scriptsOf(overview ?? "", await scriptsOf(entry));
  const sizes = await Promise.all(
    [...scripts].map(async (name) => Bun.gzipSync(await read(`assets/${name}`)).byteLength),
  );
  const bytes = sizes.reduce((all, size) => all + size, 0);

  // The entry, the overview, and what uPlot is in: less would mean that this test finds nothing.
  expect(scripts.size).toBeGreaterThan(2);
  expect(bytes).toBeGreaterThan(40_000);
  expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX);
});

test("the built page has no inline script or style, and relative addresses only", async () => {
  const html = await read("index.html");

  expect(html).not.toMatch(/<script(?![^>]*src=)/);
  expect(html).not.toMatch(/<style|style=/);
  expect(html).not.toMatch(/(?:src|href)="(?:\/|https?:)/);
});

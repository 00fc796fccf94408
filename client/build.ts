/**
 * Builds the package into `dist/`, or into the folder that is its argument: the module, its types,
 * and the `<script>` form.
 */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rolldown } from "rolldown";

const HOME = import.meta.dir;

if (import.meta.main) await buildClient(Bun.argv[2] ?? join(HOME, "dist"));

/**
 * Builds into a folder: `tally.js`, `tally.d.ts`, `tally.script.js` and the license.
 *
 * @throws {AggregateError} When a source can't be built.
 */
export async function buildClient(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { version } = JSON.parse(await readFile(join(HOME, "package.json"), "utf8")) as {
    version: string;
  };
  const banner = `/*! tally ${version} MIT */`;
  await bundle({ entry: "mod.ts", format: "esm", outfile: join(folder, "tally.js"), banner });
  const script = join(folder, "tally.script.js");
  await bundle({ entry: "script.ts", format: "iife", outfile: script, banner });
  const api = await readFile(join(HOME, "api.ts"), "utf8");
  const declared = "export declare function createClient(options: ClientOptions): Client;";
  const doc = "/** Makes a client. It works in browsers, Bun, Node.js and Deno. */";
  await writeFile(join(folder, "tally.d.ts"), `${api}\n${doc}\n${declared}\n`);
  await copyFile(join(HOME, "../LICENSE"), join(folder, "LICENSE"));
}

interface Bundle {
  readonly entry: string;
  readonly format: "esm" | "iife";
  readonly outfile: string;
  readonly banner: string;
}

/** By Vite's bundler: what it minifies is a tenth smaller here than what Bun does. */
async function bundle({ entry, format, outfile, banner }: Bundle): Promise<void> {
  await using source = await rolldown({ input: join(HOME, entry), platform: "browser" });
  await source.write({ file: outfile, format, minify: true, postBanner: banner });
}

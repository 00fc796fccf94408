/**
 * `bun run doc`: writes the generated parts of README.md and .env.example. With
 * `--check` it writes nothing and fails when they differ from the rows.
 */
import { join } from "node:path";

import {
  configTable,
  envExample,
  metricsTable,
  readSection,
  replaceSection,
} from "./doc_tables.ts";

const ROOT = join(import.meta.dir, "..");

/** A document as it is and as it should be. */
export interface GeneratedDocument {
  readonly path: string;
  readonly current: string;
  /** Null: the document lacks the markers of a generated part. */
  readonly wanted: string | null;
}

/** Reads the documents with generated parts. @param root Folder of the repository. */
export async function generateDocuments(root = ROOT): Promise<GeneratedDocument[]> {
  const readme = await readText(join(root, "README.md"));
  // Written by the benchmarks, which this package must not know.
  const numbers = readSection(await readText(join(root, "bench", "README.md")), "numbers");
  const parts = { config: configTable(), numbers, metrics: metricsTable() };
  const wanted = Object.entries(parts).reduce<string | null>(
    (text, [name, part]) =>
      text === null || part === null ? null : replaceSection(text, name, part),
    readme,
  );
  return [
    {
      path: "README.md",
      current: readme,
      wanted: wanted === null ? null : await formatDocument("README.md", wanted),
    },
    {
      path: ".env.example",
      current: await readText(join(root, ".env.example")),
      wanted: envExample(),
    },
  ];
}

/** What the formatter makes of a text, so that `fmt` and who generates never undo each other. */
export async function formatDocument(path: string, text: string): Promise<string> {
  const command = [process.execPath, "fmt", "--no-script", `--stdin-filepath=${path}`];
  const formatter = Bun.spawn(command, { stdin: Buffer.from(text), cwd: ROOT });
  const formatted = await new Response(formatter.stdout).text();
  if ((await formatter.exited) !== 0) throw new Error(`Cannot format "${path}"`);
  return formatted;
}

async function readText(path: string): Promise<string> {
  const file = Bun.file(path);
  return (await file.exists()) ? file.text() : "";
}

async function main(words: readonly string[]): Promise<number> {
  const isCheck = words.includes("--check");
  let exitCode = 0;
  for (const { path, current, wanted } of await generateDocuments()) {
    if (wanted === null) {
      console.error(`${path} lacks the markers of a generated part.`);
      exitCode = 1;
    } else if (wanted === current) {
      console.log(`${path} is as it should be.`);
    } else if (isCheck) {
      console.error(`${path} is not what the rows say: run "bun run doc".`);
      exitCode = 1;
    } else {
      await Bun.write(join(ROOT, path), wanted);
      console.log(`${path} is written.`);
    }
  }
  return exitCode;
}

if (import.meta.main) process.exit(await main(Bun.argv.slice(2)));

/**
 * `bun run doc`: writes the generated parts of the documents and `.env.example`.
 * With `--check` it writes nothing and fails when a part differs from its source.
 */
import { join } from "node:path";

import { runCommand } from "../process/command.ts";
import {
  configTable,
  envExample,
  metricsTable,
  readSection,
  refusedTable,
  replaceSection,
} from "./doc_tables.ts";

const ROOT = join(import.meta.dir, "../..");

/** A document as it is and as it should be. */
export interface GeneratedDocument {
  readonly path: string;
  readonly current: string;
  /** Null when the document lacks the markers of its generated part. */
  readonly wanted: string | null;
}

/** Every document with a generated part. */
export const GENERATED_PATHS = [
  "README.md",
  "docs/configuration.md",
  "docs/metrics.md",
  "docs/operations.md",
  ".env.example",
] as const;

/** Reads the documents with generated parts. @param root Folder of the repository. */
export async function generateDocuments(root = ROOT): Promise<GeneratedDocument[]> {
  // The benchmarks write the numbers there; this package must not import them.
  const numbers = readSection(await readText(join(root, "docs", "performance.md")), "numbers");
  const parts: Record<(typeof GENERATED_PATHS)[number], Part> = {
    "README.md": { name: "numbers", text: numbers },
    "docs/configuration.md": { name: "config", text: configTable() },
    "docs/metrics.md": { name: "metrics", text: metricsTable() },
    "docs/operations.md": { name: "refused-properties", text: refusedTable() },
    ".env.example": { name: null, text: envExample() },
  };
  return await Promise.all(
    GENERATED_PATHS.map(async (path) => {
      const current = await readText(join(root, path));
      return { path, current, wanted: await wantedDocument(path, { current, ...parts[path] }) };
    }),
  );
}

/** Text that is written into a document. */
interface Part {
  /** Name of the section, or null when the text is the whole document. */
  readonly name: string | null;
  /** Null when the source has no such text. */
  readonly text: string | null;
}

async function wantedDocument(
  path: string,
  { current, name, text }: Part & { readonly current: string },
): Promise<string | null> {
  if (name === null || text === null) return text;
  const wanted = replaceSection(current, name, text);
  return wanted === null ? null : await formatDocument(path, wanted);
}

/** The text as the formatter leaves it, so that `fmt` and `doc` never undo each other. */
export async function formatDocument(path: string, text: string): Promise<string> {
  const command = [process.execPath, "fmt", "--no-script", `--stdin-filepath=${path}`];
  const run = { env: Bun.env, input: text, cwd: ROOT };
  const { exitCode, text: formatted } = await runCommand(command, run);
  if (exitCode !== 0) throw new Error(`Cannot format "${path}"`);
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
      console.error(`${path} lacks the markers of its generated part.`);
      exitCode = 1;
    } else if (wanted === current) {
      console.log(`${path} is up to date.`);
    } else if (isCheck) {
      console.error(`${path} differs from its source: run "bun run doc".`);
      exitCode = 1;
    } else {
      await Bun.write(join(ROOT, path), wanted);
      console.log(`${path} is written.`);
    }
  }
  return exitCode;
}

if (import.meta.main) process.exit(await main(Bun.argv.slice(2)));

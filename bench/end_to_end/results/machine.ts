/** The machine of a run, and the versions of everything that it ran. */
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import type { Stack } from "@tally/stack";
import { runCommand } from "@tally/shared";
import { SQL } from "bun";

/** Where a run ran. */
export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memoryBytes: number;
  readonly kernel: string;
}

/** Reads this machine. */
export function readMachine(): Machine {
  const cores = cpus();
  return {
    cores: cores.length,
    model: cores[0]?.model ?? "unknown",
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
  };
}

/** Which code runs. */
export interface Checkout {
  /** Folder of the checkout. */
  readonly root: string;
  /** What its programs inherit. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Versions of everything that a figure depends on; `unknown` where none can be read. */
export async function readVersions(
  checkout: Checkout,
  stack: Stack | null,
): Promise<Record<string, string>> {
  const client = (await Bun.file(join(checkout.root, "shared", "package.json")).json()) as {
    dependencies: Record<string, string>;
  };
  const jars = stack === null ? {} : await readJarVersions(stack);
  return {
    commit: await readCommit(checkout),
    bun: Bun.version,
    "kafka client": client.dependencies["@confluentinc/kafka-javascript"] ?? "unknown",
    ...(stack === null ? {} : { postgres: await readPostgresVersion(stack) }),
    ...jars,
  };
}

/** The commit, with a note when the files differ from it. */
async function readCommit({ root, env }: Checkout): Promise<string> {
  const run = async (...words: string[]) => {
    const { exitCode, text } = await runCommand(["git", ...words], { cwd: root, env });
    return exitCode === 0 ? text.trim() : null;
  };
  const commit = await run("rev-parse", "--short=12", "HEAD");
  if (commit === null) return "unknown";
  const changed = await run("status", "--porcelain", "--untracked-files=no");
  return changed === "" ? commit : `${commit} and changes`;
}

async function readPostgresVersion({ postgres }: Stack): Promise<string> {
  const sql = new SQL(postgres.url, { max: 1 });
  const [row] = await sql<[{ version: string }]>`
    select current_setting('server_version') as version`;
  await sql.close();
  return row.version;
}

/** Kafka's and S3Proxy's versions, from the folders and files in their command lines. */
async function readJarVersions({ kafka, s3 }: Stack): Promise<Record<string, string>> {
  return {
    kafka: await versionOf(kafka.pid, /kafka-(\d[\d.]*\d)/),
    s3proxy: await versionOf(s3.pid, /s3proxy-(\d[\d.]*\d)/),
  };
}

async function versionOf(pid: number | undefined, pattern: RegExp): Promise<string> {
  const command = await Bun.file(`/proc/${pid}/cmdline`).text();
  return pattern.exec(command)?.[1] ?? "unknown";
}

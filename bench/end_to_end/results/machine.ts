/** What a run ran on and with. */
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import type { Stack } from "@tally/stack";
import { SQL } from "bun";

import type { Machine } from "./result.ts";

/** The machine. */
export function readMachine(): Machine {
  const cores = cpus();
  return {
    cores: cores.length,
    model: cores[0]?.model ?? "unknown",
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
  };
}

/** Versions of everything that a figure depends on; `unknown` where nobody says. */
export async function readVersions(
  root: string,
  stack: Stack | null,
): Promise<Record<string, string>> {
  const client = (await Bun.file(join(root, "shared", "package.json")).json()) as {
    dependencies: Record<string, string>;
  };
  const jars = stack === null ? {} : await readJarVersions(stack);
  return {
    commit: await readCommit(root),
    bun: Bun.version,
    "kafka client": client.dependencies["@confluentinc/kafka-javascript"] ?? "unknown",
    ...(stack === null ? {} : { postgres: await readPostgresVersion(stack) }),
    ...jars,
  };
}

/** The commit, and whether the files differ from it. */
async function readCommit(root: string): Promise<string> {
  const run = async (...words: string[]) => {
    const child = Bun.spawn(["git", ...words], { cwd: root, stdout: "pipe", stderr: "ignore" });
    const text = (await new Response(child.stdout).text()).trim();
    return (await child.exited) === 0 ? text : null;
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

/** Kafka and S3Proxy by what stands in their command lines: folders and files with versions. */
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

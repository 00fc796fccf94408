import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { PipelineError } from "../../error.ts";
import { type BuildProgress, ensureNativeFiles } from "./build.ts";
import { stubMachine, type StubMachine } from "./testing/stub_machine.ts";
import type { Machine } from "./toolchain.ts";

let stub: StubMachine;
beforeEach(() => {
  stub = stubMachine();
});
afterEach(() => stub.remove());

const silent = (): void => undefined;
const buildOn = (machine: Machine) => ensureNativeFiles({ machine, onProgress: silent });

/** What the build is refused with. */
async function refusalOf(machine: Machine): Promise<PipelineError> {
  const error = await buildOn(machine).then(
    () => null,
    (cause: unknown) => cause,
  );
  if (!(error instanceof PipelineError)) throw new Error("it was built", { cause: error });
  expect(error.code).toBe("client_unavailable");
  return error;
}

describe("ensureNativeFiles()", () => {
  test("ensureNativeFiles() builds both files and reports its stages when the cache is empty", async () => {
    const progress: BuildProgress[] = [];

    const files = await ensureNativeFiles({
      machine: stub.machine,
      onProgress: (step) => progress.push(step),
    });

    expect(existsSync(files.library)).toBe(true);
    expect(existsSync(files.addon)).toBe(true);
    expect(dirname(files.addon).startsWith(stub.cache)).toBe(true);
    const stages = new Set(progress.map(({ stage }) => stage));
    expect([...stages].sort()).toEqual(["addon", "done", "headers", "librdkafka", "link"]);
    expect(progress.every(({ elapsedMs }) => elapsedMs >= 0)).toBe(true);
  });

  test("ensureNativeFiles() calls no program and reports nothing when the files are present", async () => {
    await buildOn(stub.machine);
    const before = stub.calls("g++");
    const progress: BuildProgress[] = [];

    await ensureNativeFiles({ machine: stub.machine, onProgress: (step) => progress.push(step) });

    expect(before).toBeGreaterThan(10);
    expect(stub.calls("g++")).toBe(before);
    expect(progress).toEqual([]);
  });

  test("ensureNativeFiles() leaves nothing but the files and the headers when it is done", async () => {
    const files = await buildOn(stub.machine);

    expect(readdirSync(stub.cache).sort()).toEqual(
      [
        basename(dirname(files.addon)),
        `node-linux-${process.arch}-${process.versions.node}-headers`,
      ].sort(),
    );
    expect(readdirSync(dirname(files.addon)).sort()).toEqual([
      "confluent-kafka-javascript.node",
      "libbuncompat.so",
    ]);
  });

  test("ensureNativeFiles() downloads the headers once when it builds again", async () => {
    const files = await buildOn(stub.machine);
    rmSync(dirname(files.addon), { recursive: true });

    await buildOn(stub.machine);

    expect(stub.calls("npm")).toBe(1);
  });

  test("ensureNativeFiles() builds once when two processes ask at the same time", async () => {
    const environment = { ...stub.machine.environment, STUB_SECONDS: "0.05" };
    const child = () =>
      Bun.spawn(
        [
          process.execPath,
          join(import.meta.dir, "testing/build_in_child.ts"),
          JSON.stringify({ ...stub.machine, environment }),
        ],
        { stdout: "pipe", stderr: "inherit" },
      );
    const children = [child(), child()];

    const outputs = await Promise.all(children.map(({ stdout }) => new Response(stdout).text()));
    const codes = await Promise.all(children.map(({ exited }) => exited));

    expect(codes).toEqual([0, 0]);
    expect(outputs.sort()).toEqual(["built", "waited"]);
    expect(stub.calls("bash")).toBe(1);
  });

  test("ensureNativeFiles() takes over the lock and the leftovers when a builder was killed", async () => {
    const files = await buildOn(stub.machine);
    const target = dirname(files.addon);
    rmSync(target, { recursive: true });
    const builder = await holdInAnotherProcess(`${target}.lock`);
    builder.kill("SIGKILL");
    await builder.exited;
    mkdirSync(`${target}.1.building`);

    await buildOn(stub.machine);

    expect(existsSync(files.addon)).toBe(true);
    expect(existsSync(`${target}.lock`)).toBe(false);
    expect(existsSync(`${target}.1.building`)).toBe(false);
  });

  test("ensureNativeFiles() takes over a lock file that is none", async () => {
    const files = await buildOn(stub.machine);
    const target = dirname(files.addon);
    rmSync(target, { recursive: true });
    writeFileSync(`${target}.lock`, "{");

    await buildOn(stub.machine);

    expect(existsSync(files.addon)).toBe(true);
  });

  test("ensureNativeFiles() refuses when the platform is another", async () => {
    const error = await refusalOf(stub.with({ machine: { platform: "darwin", arch: "arm64" } }));

    expect(error.message).toContain('"darwin-arm64"');
    expect(error.message).toContain('"linux-x64"');
  });

  test("ensureNativeFiles() refuses and names the right Bun when this version is unknown", async () => {
    const error = await refusalOf(stub.with({ machine: { bunVersion: "1.99.0" } }));

    expect(error.message).toContain("Bun 1.99.0");
    expect(error.message).toContain("npx -y bun@1.4.5");
  });

  test.each([
    ["g++", "no C++ compiler"],
    ["gcc", "no C compiler"],
    ["make", '"make" was not found'],
    ["bash", '"bash" was not found'],
    ["tar", '"tar" was not found'],
  ])("ensureNativeFiles() names what to install when %s is missing", async (without, words) => {
    const error = await refusalOf(stub.with({ without }));

    expect(error.message).toContain(words);
    expect(error.message).toContain("must be installed");
  });

  test("ensureNativeFiles() names the headers when npm is missing", async () => {
    const error = await refusalOf(stub.with({ without: "npm" }));

    expect(error.message).toContain(`headers of Node.js ${process.versions.node}`);
    expect(error.message).toContain('"npm"');
  });

  test("ensureNativeFiles() names the headers' package when npm can't get it", async () => {
    const error = await refusalOf(stub.with({ fails: "npm" }));

    expect(error.message).toContain(`node-linux-${process.arch}@${process.versions.node}`);
    expect(error.message).toContain("stub of npm fails");
  });

  test.each(["g++", "make", "bash"])(
    "ensureNativeFiles() shows the log's last lines and publishes nothing when %s fails",
    async (fails) => {
      const error = await refusalOf(stub.with({ fails }));

      expect(error.message).toContain(`stub of ${fails} fails`);
      expect(error.message).toMatch(/all of it: .*\.log\)/);
      const kept = readdirSync(stub.cache).filter((name) => name.startsWith("kafka-"));
      expect(kept.every((name) => name.endsWith(".building"))).toBe(true);
    },
  );

  test("ensureNativeFiles() succeeds when the build before it failed", async () => {
    await refusalOf(stub.with({ fails: "make" }));

    const files = await buildOn(stub.machine);

    expect(existsSync(files.addon)).toBe(true);
  });

  test("ensureNativeFiles() names the folder when the cache can't be written", async () => {
    const environment = { ...stub.machine.environment, XDG_CACHE_HOME: "/dev/null" };

    const error = await refusalOf({ ...stub.machine, environment });

    expect(error.message).toContain("/dev/null/tally");
  });
});

/** A process that holds a lock until it is ended. */
async function holdInAnotherProcess(path: string): Promise<Bun.Subprocess> {
  const program = `
    import { tryLock } from ${JSON.stringify(join(import.meta.dir, "../../process/file_lock.ts"))};
    globalThis.held = tryLock(${JSON.stringify(path)});
    console.log(globalThis.held === null ? "not held" : "held");
    setInterval(() => {}, 1000);`;
  const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe" });
  const { value } = await child.stdout.getReader().read();
  // Without this the test would also pass when nobody holds the lock.
  expect(new TextDecoder().decode(value)).toBe("held\n");
  return child;
}

import { runCommand } from "@tally/shared";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildClient } from "./build.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tally-client-"));
  await buildClient(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const text = (name: string): Promise<string> => Bun.file(join(folder, name)).text();

test.each([
  ["tally.js", 3000],
  ["tally.script.js", 3072],
])("%s has less than %d bytes, compressed as servers do", async (name, bytesMax) => {
  const { length } = Bun.gzipSync(Buffer.from(await text(name)), { level: 9 });

  expect(length).toBeLessThan(bytesMax);
});

test("tally.js imports nothing and says its version", async () => {
  const { version } = (await Bun.file(join(import.meta.dir, "package.json")).json()) as {
    version: string;
  };

  const code = await text("tally.js");

  expect(new Bun.Transpiler().scan(code)).toEqual({ exports: ["createClient"], imports: [] });
  expect(code).toStartWith(`/*! tally ${version} MIT */`);
});

test("tally.d.ts describes a program in strict TypeScript", async () => {
  await Bun.write(
    join(folder, "program.ts"),
    `import { createClient, type Trouble } from "./tally.js";
const troubles: Trouble[] = [];
const client = createClient({ url: "https://in.example", onError: (each) => troubles.push(each) });
const id: string = client.track("page_view", { path: "/" }, { ts: new Date(0) });
export const left: Promise<number> = client.close(1000);
export const text = \`\${id} \${client.dropped}\`;
`,
  );
  const check = ["check", "--strict", "--noEmit", "--no-script", "--lib", "ESNext,DOM"];

  const good = await runCommand([process.execPath, ...check, "program.ts"], {
    cwd: folder,
    env: Bun.env,
  });
  await Bun.write(
    join(folder, "program.ts"),
    'import { createClient } from "./tally.js";\ncreateClient({});\n',
  );
  const bad = await runCommand([process.execPath, ...check, "program.ts"], {
    cwd: folder,
    env: Bun.env,
  });

  expect(good).toMatchObject({ exitCode: 0 });
  expect(bad.exitCode).not.toBe(0);
});

test("package.json names files that the build makes, and nothing to install", async () => {
  const manifest = (await Bun.file(join(import.meta.dir, "package.json")).json()) as {
    exports: Record<string, string | Record<string, string>>;
    dependencies?: object;
    publishConfig: object;
  };
  const named = Object.values(manifest.exports)
    .flatMap((each) => (typeof each === "string" ? [each] : Object.values(each)))
    .filter((path) => path.startsWith("./dist/"));

  for (const path of named) {
    expect(await Bun.file(join(folder, path.slice("./dist/".length))).exists()).toBe(true);
  }
  expect(manifest.dependencies).toBeUndefined();
  expect(manifest.publishConfig).toEqual({ access: "public", provenance: true });
});

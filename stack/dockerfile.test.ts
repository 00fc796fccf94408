/** Dockerfile and .dockerignore against what they must agree with: Bun, options, packages. */
import { describe, expect, test } from "bun:test";
import { OPTIONS } from "@tally/shared";
import { join } from "node:path";

import { BUN_ENV } from "./machine/service.ts";

const root = join(import.meta.dir, "..");
const dockerfile = await Bun.file(join(root, "Dockerfile")).text();
const BUILT = ["ingest", "processor"] as const;

describe("Dockerfile", () => {
  const froms = [...dockerfile.matchAll(/^FROM (\S+)(?: AS (\S+))?$/gm)];
  const stages = froms.map(([, , stage]) => stage ?? "");

  test("Dockerfile pins what it starts from, and runs the Bun that the project runs", () => {
    const images = froms.map(([, image]) => image ?? "").filter((image) => !stages.includes(image));

    expect(images.every((image) => /:\d+\.\d+\.\d+(-[a-z-]+)?$/.test(image))).toBe(true);
    expect(images.filter((image) => image.startsWith("oven/bun:")).length).toBeGreaterThan(0);
    for (const image of images.filter((name) => name.startsWith("oven/bun:"))) {
      expect(image).toStartWith(`oven/bun:${Bun.version}`);
    }
  });

  test("Dockerfile runs the services as the local stack does", () => {
    const [, service = ""] = dockerfile.split(/ AS service$/m);
    const env = [...service.matchAll(/((?:BUN|MIMALLOC|NODE)_\w+)=(\S+)/g)].map(
      ([, name, value]) => [name, value],
    );

    expect(Object.fromEntries(env)).toEqual(BUN_ENV);
  });

  test("Dockerfile takes the client out of the build's cache, and nothing of Bun's", () => {
    const copied = [...dockerfile.matchAll(/^COPY --from=build (\/opt\S*) (\S+)$/gm)];

    expect(copied.map(([, from, to]) => [from, to])).toEqual([
      ["/opt/cache/tally", "/opt/cache/tally"],
    ]);
  });

  test("Dockerfile has the stages that compose.yml builds", () => {
    expect(stages).toEqual(expect.arrayContaining([...BUILT]));
  });

  test.each([...BUILT])(
    "Dockerfile ends the stage of %s as a user without rights, with a health check",
    (name) => {
      const [, stage = ""] = dockerfile.split(`FROM service AS ${name}\n`);
      const own = stage.split(/^FROM /m)[0] ?? "";

      expect(dockerfile.split("FROM service AS")[0]).toMatch(/^USER bun$/m);
      expect(own).not.toMatch(/^USER /m);
      expect(own).toMatch(/^HEALTHCHECK /m);
      expect(own).toContain(`CMD ["bun", "${name}/main.ts"]`);
      expect(own).toContain(`EXPOSE ${OPTIONS[name].port.default}`);
    },
  );

  test("Dockerfile copies the manifest of every package before it installs", async () => {
    const { workspaces } = (await Bun.file(join(root, "package.json")).json()) as {
      workspaces: string[];
    };

    const copied = [...dockerfile.matchAll(/^COPY (\S+)\/package\.json \S+$/gm)].map(
      ([, folder]) => folder ?? "",
    );

    expect(copied.toSorted()).toEqual(workspaces.toSorted());
  });

  test(".dockerignore keeps secrets, data and built things out", async () => {
    const ignored = (await Bun.file(join(root, ".dockerignore")).text()).split("\n");

    expect(ignored).toEqual(
      expect.arrayContaining([".env", ".data", ".git", "**/node_modules", "**/dist"]),
    );
  });
});

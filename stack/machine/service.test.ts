/** A service's process: the environment that it is started with. */
import { expect, onTestFinished, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort, LOOPBACK } from "./ports.ts";
import { BUN_ENV, bunCommand, createService } from "./service.ts";

test("createService() starts a program with Bun's settings, over which its own environment wins", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tally-service-"));
  const port = await freePort();
  const entry = join(folder, "main.ts");
  await Bun.write(
    entry,
    "Bun.serve({ port: Number(Bun.env.PORT), fetch: () => Response.json(Bun.env) });",
  );
  const url = `http://${LOOPBACK}:${port}`;
  const [[name = ""] = []] = Object.entries(BUN_ENV);
  const own: Record<string, string>[] = [{}, { [name]: "2" }];
  const seen: unknown[] = [];
  for (const env of own) {
    const service = createService({
      name: "service",
      root: folder,
      folder,
      ...bunCommand({ entry, folder, isWatched: false }),
      liveUrl: url,
      env: () => ({ ...Bun.env, PORT: String(port), ...env }),
    });
    onTestFinished(() => service.stop());
    await service.start();
    seen.push(((await (await fetch(url)).json()) as Record<string, string>)[name]);
    await service.stop();
  }
  await rm(folder, { recursive: true });

  expect(seen).toEqual([Object.values(BUN_ENV)[0], "2"]);
});

import { expect, test } from "bun:test";

import type { System } from "../../system/system.ts";
import type { Bench } from "../figure.ts";
import { startFrameProbe } from "./frame_delay.ts";

test("startFrameProbe() keeps its failure for the caller of stop()", async () => {
  const away = { url: "http://127.0.0.1:1" };
  const system = { ingest: away, processors: [away] } as unknown as System;
  const bench = { newName: () => "a", nowMs: () => 0 } as unknown as Bench;

  const probe = startFrameProbe(bench, system);
  const failure = await fetch(away.url).catch((error: unknown) => error); // Like that of the probe.

  expect(failure).toBeInstanceOf(Error);
  await expect(probe.stop()).rejects.toThrow();
});

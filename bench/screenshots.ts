/**
 * `bun run screenshots`: makes the pictures of the README from a real system under load. Entry
 * point: reads the environment, prints and exits.
 */
import { join } from "node:path";
import { sleep, wallNow } from "@tally/shared";
import { endStack, ownStack, testNames } from "@tally/stack/testing";

import { buildShippedPage } from "./page/shipped_page.ts";
import { sendLoad, sendPast, takePictures } from "./page/testing/take_pictures.ts";
import { startReady } from "./system/service.ts";
import { createSystem, servicesOf } from "./system/system.ts";

const FOLDER = join(import.meta.dir, "..", "dashboard", "pictures");
/** So that small lines have a past, too. // chosen */
const WARM_UP_MS = 90_000;

if (import.meta.main) {
  await buildShippedPage();
  const stack = await ownStack();
  const names = { stack, id: testNames().topic, env: Bun.env };
  // As installed, but with objects that close while the pictures are taken.
  const options = { ARCHIVE_OBJECT_AGE_MS_MAX: "20000" };
  const system = await createSystem({ ...names, options, hasPage: true });
  const stopping = new AbortController();
  try {
    await startReady(servicesOf(system));
    await sendPast(system, { nowMs: wallNow(), random: Math.random });
    const load = sendLoad(system, { signal: stopping.signal, random: Math.random });
    await sleep(WARM_UP_MS);
    for (const path of await takePictures(system.processors[0].url, FOLDER)) console.log(path);
    stopping.abort();
    await load;
  } finally {
    stopping.abort();
    await system.close();
    await endStack(stack);
  }
  process.exit(0);
}

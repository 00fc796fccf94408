/**
 * `bun run bench`: microbenchmarks of the hot pure paths with mitata. A word on
 * the command line runs those whose name holds it.
 */
import { join } from "node:path";
import { FAMILIES } from "./whole/families.ts";
import { runWhole } from "./whole/run.ts";

const stop = new AbortController();
const results = await runWhole(
  { families: FAMILIES, rounds: 1, isQuick: true },
  {
    root: join(import.meta.dir, ".."),
    env: Bun.env,
    nowMs: Date.now,
    newName: () => Bun.randomUUIDv7("hex").replaceAll("-", "").slice(-12),
    onProgress: ({ family, round, rounds, text }) =>
      console.error(`[${(performance.now() / 1000).toFixed(1)} s] ${family} ${round}/${rounds}: ${text}`),
    signal: stop.signal,
  },
);
console.log(JSON.stringify(results, null, 1));

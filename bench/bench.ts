/**
 * `bun run bench`: microbenchmarks of the hot pure paths with mitata. A word on
 * the command line runs those whose name holds it.
 */
import { run } from "mitata";

import "./accept.bench.ts";
import "./event.bench.ts";

const [word = ""] = Bun.argv.slice(2);
await run({ filter: new RegExp(RegExp.escape(word), "i") });

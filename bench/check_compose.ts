/**
 * Entry point: checks compose.yml in a real Docker engine. It is no part of `test`: it needs an
 * engine, and its ports must be free. It uses a project of its own, whose volumes it deletes.
 */
import { checkCompose } from "./compose/check.ts";

const isPassed = await checkCompose({
  env: Bun.env,
  newRunId: () => Bun.randomUUIDv7(),
  print: (line) => console.log(line),
});
process.exit(isPassed ? 0 : 1);

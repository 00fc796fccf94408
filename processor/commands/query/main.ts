/** `bun run query`: asks the processor how much of what happened when. Entry point. */
import { connectHost, loadConfig } from "@tally/shared";
import { runQuery } from "./run.ts";

if (import.meta.main) {
  process.exitCode = await runQuery(Bun.argv.slice(2), {
    processorUrl: () => {
      const { processor } = loadConfig(Bun.env, "stack");
      return `http://${connectHost(processor.host)}:${processor.port}`;
    },
    key: () => loadConfig(Bun.env, "commands").commands.key,
    readFile: (path) => Bun.file(path).text(),
    print: (text) => process.stdout.write(text),
    complain: (text) => process.stderr.write(text),
  });
}

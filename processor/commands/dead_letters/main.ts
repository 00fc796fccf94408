/** `bun run dead-letters`: shows dead letters, and sends them again. Entry point. */
import { connectHost, loadConfig } from "@tally/shared";
import { runDeadLetters } from "./run.ts";

if (import.meta.main) {
  process.exitCode = await runDeadLetters(Bun.argv.slice(2), {
    processorUrl: () => {
      const { processor } = loadConfig(Bun.env, "stack");
      return `http://${connectHost(processor.host)}:${processor.port}`;
    },
    key: () => loadConfig(Bun.env, "commands").commands.key,
    print: (text) => process.stdout.write(text),
    complain: (text) => process.stderr.write(text),
    confirm: (question) => confirm(question),
  });
}

/**
 * A process that owns a stack until it gets a signal or is killed, for tests of its end.
 * Arguments: folder, ports as JSON, and "leave" to end without stopping.
 */
import { startStack } from "../servers/stack.ts";

const [folder = "", ports = "{}", end] = Bun.argv.slice(2);
const stack = await startStack({ folder, ports: JSON.parse(ports) });
const { kafka, postgres, s3 } = stack;
process.on("SIGTERM", async () => {
  await stack.stop();
  process.exit(0);
});
// The reader of this line may send the signal at once.
process.stdout.write(
  `${JSON.stringify({ kafka: kafka.pid, postgres: postgres.pid, s3: s3.pid, dataFolder: postgres.dataFolder })}\n`,
);
if (end === "leave") process.exit(0);
setInterval(() => undefined, 60_000);

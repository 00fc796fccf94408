/**
 * Builds the Kafka client when this user has none, in a separate process that can be ended.
 */
import { ensureNativeFiles } from "@tally/shared/kafka";

try {
  await ensureNativeFiles({
    onProgress: ({ message }) => {
      process.stdout.write(`${message}\n`);
    },
  });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

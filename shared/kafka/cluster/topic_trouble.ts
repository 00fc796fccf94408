/** Why a topic shows no partitions: it does not exist, or this user may not see it. */
import { PipelineError } from "../../error.ts";
import { connectAdmin } from "../admin.ts";
import type { KafkaConnection } from "../connection.ts";
import { type Trouble, troubleOf } from "./trouble.ts";

/**
 * Asks over a connection of its own. Null when the topic exists, or no broker answers. Never
 * rejects.
 */
export async function findTopicTrouble(
  connection: KafkaConnection,
  topic: string,
  timeoutMs: number,
): Promise<Trouble | null> {
  const detail = `topic "${topic}"`;
  try {
    const admin = await connectAdmin(connection);
    try {
      const description = await admin.describeTopic(topic, timeoutMs);
      return description === null ? troubleOf("topic_missing", detail) : null;
    } finally {
      await admin.disconnect();
    }
  } catch (error) {
    if (!(error instanceof PipelineError) || error.remedy === null) return null;
    return troubleOf("topic_refused", error.message, error.remedy);
  }
}

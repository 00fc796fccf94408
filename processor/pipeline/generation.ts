/**
 * Checks that the topic is still the one whose log is processed. A topic that was deleted and
 * created again has other records at the same offsets, and librdkafka fetches them without a word:
 * nothing of them may be written as the old log.
 */
import { errorCode, PipelineError, withinTime } from "@tally/shared";
import type { Topic, TopicReader } from "./topic.ts";
import type { TopicLog } from "./positions.ts";

/** The generation of the topic that is processed. */
export interface Generation {
  /** Takes what was read of the topic; calls `onOther` when it is another one. */
  note(topic: Topic): void;
  /**
   * Asks Kafka. When it resolves, what was fetched before the call came from the log that is
   * processed. No answer in time proves nothing and ends the wait: the leaders of partitions may
   * answer while others do not, and the looks at the topic go on.
   *
   * @throws {PipelineError} `topic_recreated`: nothing may be written any more.
   */
  check(): Promise<void>;
}

export interface GenerationOptions {
  readonly topicLog: TopicLog;
  readonly topic: Pick<TopicReader, "describe">;
  /** Called once, with the error that check() throws from then on. */
  readonly onOther: (error: PipelineError) => void;
}

/** Brokers answer within milliseconds. */
const ANSWER_MS_MAX = 1000; // chosen

/** Starts with the generation that was registered. */
export function createGeneration(options: GenerationOptions): Generation {
  const { onOther } = options;
  const { topic, topicId } = options.topicLog;
  let other: PipelineError | null = null;
  /** The request under way, and the one after it, which answers a call that comes meanwhile. */
  let running: Promise<void> | null = null;
  let following: Promise<void> | null = null;
  const note = (seen: Topic): void => {
    if (other !== null || seen.topicId === topicId) return;
    other = recreated(topic, topicId, seen.topicId);
    onOther(other);
  };
  const ask = (): Promise<void> => {
    following = null;
    running = options.topic
      .describe()
      .then(note, () => undefined)
      .finally(() => (running = null));
    return running;
  };
  return {
    note,
    async check() {
      // One for all partitions that are opened together.
      if (running === null) ask();
      else following ??= running.then(ask);
      await withinTime(following ?? running ?? Promise.resolve(), ANSWER_MS_MAX);
      if (other !== null) throw other;
    },
  };
}

/** Leaves out that the topic is another one: `onOther` has reported it, for all that find it. */
export function exceptRecreated(onDefect: (error: unknown) => void): (error: unknown) => void {
  return (error) => {
    if (errorCode(error) !== "topic_recreated") onDefect(error);
  };
}

function recreated(topic: string, wasId: string, isId: string): PipelineError {
  return new PipelineError(
    "topic_recreated",
    `Cannot go on with topic "${topic}": it was deleted and created again (id ${isId}, was ` +
      `${wasId}); this process ends, the next one reads the new log from its start`,
  );
}

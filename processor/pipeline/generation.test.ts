import { describe, expect, test } from "bun:test";
import { errorCode, PipelineError } from "@tally/shared";
import { createGeneration } from "./generation.ts";

/** The generation "old"; each request waits for its answer. */
function arrange() {
  const asked: PromiseWithResolvers<string>[] = [];
  const others: PipelineError[] = [];
  const generation = createGeneration({
    topicLog: { logNumber: 1, topic: "events", topicId: "old" },
    topic: {
      describe: async () => {
        const request = Promise.withResolvers<string>();
        asked.push(request);
        return { topicId: await request.promise, partitions: 6 };
      },
    },
    onOther: (error) => others.push(error),
  });
  return { generation, asked, others };
}

const codeOf = (check: Promise<void>) => check.then(() => null, errorCode);

describe("createGeneration()", () => {
  test("check() passes while the topic is the same, and with no answer", async () => {
    const { generation, asked, others } = arrange();

    const first = generation.check();
    asked[0]?.resolve("old");
    await first;
    const second = generation.check();
    asked[1]?.reject(new PipelineError("broker_unavailable", "away"));
    await second;

    expect(asked).toHaveLength(2);
    expect(others).toEqual([]);
  });

  test("check() throws when the topic is another one, which is reported once", async () => {
    const { generation, asked, others } = arrange();

    const check = codeOf(generation.check());
    asked[0]?.resolve("new");
    const code = await check;
    generation.note({ topicId: "new", partitions: 6 });

    expect(code).toBe("topic_recreated");
    expect(others.map(({ message }) => message)).toEqual([
      expect.stringContaining("(id new, was old)"),
    ]);
  });

  test("check() believes no request that was under way before the call", async () => {
    const { generation, asked, others } = arrange();

    const early = codeOf(generation.check());
    const [late, later] = [codeOf(generation.check()), codeOf(generation.check())];
    asked[0]?.resolve("old");
    const earlyCode = await early;
    asked[1]?.resolve("new");

    expect(earlyCode).toBeNull();
    expect(await Promise.all([late, later])).toEqual(["topic_recreated", "topic_recreated"]);
    expect(asked).toHaveLength(2);
    expect(others).toHaveLength(1);
  });

  test("note() reports another topic once", () => {
    const { generation, others } = arrange();

    generation.note({ topicId: "old", partitions: 12 });
    generation.note({ topicId: "new", partitions: 6 });
    generation.note({ topicId: "newer", partitions: 6 });

    expect(others.map(({ code }) => code)).toEqual(["topic_recreated"]);
  });
});

import { describe, expect, test } from "bun:test";
import { GroupCommit } from "./group_commit.ts";

interface Input {
  readonly name: string;
  readonly key: number;
  readonly size: number;
}

/** A group commit whose groups end when the test ends them. */
function manual(sizeMax = 10) {
  const groups: { names: string[]; end: PromiseWithResolvers<void> }[] = [];
  const commit = new GroupCommit<Input, string>({
    run: async (group) => {
      const end = Promise.withResolvers<void>();
      const names = group.map(({ name }) => name);
      groups.push({ names, end });
      await end.promise;
      return names.map((name) => `done ${name}`);
    },
    keyOf: ({ key }) => key,
    sizeOf: ({ size }) => size,
    sizeMax,
  });
  let key = 0;
  const write = (name: string, changes: Partial<Input> = {}) =>
    commit.write({ name, key: key++, size: 1, ...changes });
  /** Waits for a group, by its number. */
  const group = async (number: number) => {
    for (let turn = 0; turn < 100; turn++) {
      const found = groups[number];
      if (found !== undefined) return found;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`no group ${number}`);
  };
  return { write, group, groups };
}

describe("GroupCommit", () => {
  test("write() puts inputs of one turn of the event loop into one group", async () => {
    const { write, group, groups } = manual();

    const outcomes = Promise.all([write("a"), write("b"), write("c")]);
    (await group(0)).end.resolve();

    expect(await outcomes).toEqual(["done a", "done b", "done c"]);
    expect(groups.map(({ names }) => names)).toEqual([["a", "b", "c"]]);
  });

  test("write() puts inputs that arrive while a group is written into the next one", async () => {
    const { write, group } = manual();
    const first = write("a");
    const running = await group(0);
    const others = [write("b"), write("c")];
    running.end.resolve();

    const next = await group(1);
    next.end.resolve();

    expect(await first).toBe("done a");
    expect(next.names).toEqual(["b", "c"]);
    expect(await Promise.all(others)).toEqual(["done b", "done c"]);
  });

  test("write() never puts two inputs of one key into a group, and keeps their order", async () => {
    const { write, group } = manual();
    const all = [write("a", { key: 7 }), write("b", { key: 7 }), write("c", { key: 8 })];

    for (const number of [0, 1]) (await group(number)).end.resolve();
    await Promise.all(all);

    expect((await group(0)).names).toEqual(["a", "c"]);
    expect((await group(1)).names).toEqual(["b"]);
  });

  test("write() makes no group larger than sizeMax", async () => {
    const { write, group } = manual(10);
    const all = [4, 4, 4, 2].map((size, index) => write(`${index}`, { size }));

    for (const number of [0, 1]) (await group(number)).end.resolve();
    await Promise.all(all);

    expect((await group(0)).names).toEqual(["0", "1", "3"]);
    expect((await group(1)).names).toEqual(["2"]);
  });

  test("write() lets no input overtake an earlier one of its key that did not fit", async () => {
    const { write, group } = manual(10);
    const all = [
      write("a", { size: 4 }),
      write("b", { size: 4 }),
      write("c", { size: 4, key: 7 }),
      write("d", { size: 1, key: 7 }),
    ];

    for (const number of [0, 1, 2]) (await group(number)).end.resolve();
    await Promise.all(all);

    const names = await Promise.all([0, 1, 2].map(async (number) => (await group(number)).names));
    expect(names).toEqual([["a", "b"], ["c"], ["d"]]);
  });

  test("write() runs an input of half of sizeMax alone and at once", async () => {
    const { write, group, groups } = manual(10);
    const small = write("a");
    const running = await group(0);

    const large = write("large", { size: 5 });

    expect(groups.map(({ names }) => names)).toEqual([["a"], ["large"]]);
    groups[1]?.end.resolve();
    expect(await large).toBe("done large");
    running.end.resolve();
    expect(await small).toBe("done a");
  });

  test("write() rejects for the inputs of a group that failed, and the next group is written", async () => {
    const { write, group } = manual();
    const both = Promise.allSettled([write("a"), write("b")]);
    const running = await group(0);
    const later = write("c");

    running.end.reject(new Error("lost"));
    (await group(1)).end.resolve();

    expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await later).toBe("done c");
  });
});

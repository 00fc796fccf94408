import { describe, expect, test } from "bun:test";
import { groupsAlive, noteBeats, type OtherProcess, type Seen } from "./other_groups.ts";

const NONE: Seen = new Map();

const process = (processId: string, beats: number, groupPrefix = "blue"): OtherProcess => ({
  processId,
  groupPrefix,
  beats: String(beats),
  label: "",
  held: { postgres: [], archive: [] },
});

describe("groupsAlive()", () => {
  test("leaves out a process that was only seen once: it may have been killed a day ago", () => {
    expect(groupsAlive(noteBeats(NONE, [process("a", 7)], 0), 0)).toEqual([]);
  });

  test("names a group once, as soon as one of its processes counts up", () => {
    const first = noteBeats(NONE, [process("a", 7), process("b", 1), process("c", 3, "green")], 0);

    const second = noteBeats(
      first,
      [process("a", 8), process("b", 2), process("c", 3, "green")],
      2000,
    );

    expect(groupsAlive(second, 2000)).toEqual(["blue"]);
  });

  test("forgets a group that has stopped counting, and at once one whose process has left", () => {
    const counting = noteBeats(noteBeats(NONE, [process("a", 1)], 0), [process("a", 2)], 2000);
    const silent = noteBeats(counting, [process("a", 2)], 4000);

    expect(groupsAlive(silent, 16_000)).toEqual(["blue"]);
    expect(groupsAlive(silent, 18_000)).toEqual([]);
    expect(groupsAlive(noteBeats(counting, [], 4000), 4000)).toEqual([]);
  });
});

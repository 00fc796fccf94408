import { expect, test } from "bun:test";
import { eventIdOf } from "./event_id.ts";

test("eventIdOf() keeps ingest's rules and the order of time", () => {
  const first = eventIdOf(Date.UTC(2026, 0, 31), new Uint32Array([0, 0, 0]));
  const last = eventIdOf(Date.UTC(2058, 0, 31), new Uint32Array([2 ** 32 - 1, 1, 2 ** 32 - 1]));

  for (const id of [first, last]) expect(id).toMatch(/^[A-Za-z0-9._:-]{1,64}$/);
  expect(first < last).toBe(true);
});

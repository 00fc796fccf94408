import { describe, expect, test } from "bun:test";
import { createTrustedTime } from "./trusted_time.ts";

const NOW_MS = Date.parse("2026-01-31T07:00:00.000Z");
const HOUR_MS = 3_600_000;

/** Three clocks that a test moves. */
function clocks() {
  const world = { passedMs: 0, wrongMs: 0, databaseWrongMs: 0 };
  const lines: [unknown, string][] = [];
  const note = (fields: object, text: string) => void lines.push([fields, text]);
  const time = createTrustedTime({
    wallNow: () => NOW_MS + world.passedMs + world.wrongMs,
    monotonicNow: () => world.passedMs,
    log: { warn: note, info: note } as unknown as Parameters<typeof createTrustedTime>[0]["log"],
  });
  /** Lets a second pass, and reads PostgreSQL's clock. */
  const pass = () => {
    world.passedMs += 1000;
    time.noteDatabase(NOW_MS + world.passedMs + world.databaseWrongMs);
    return time.now() - NOW_MS - world.passedMs;
  };
  return { world, lines, time, pass };
}

describe("createTrustedTime()", () => {
  test("now() is the machine's time when all clocks agree, and while PostgreSQL is down", () => {
    const { time, world, pass } = clocks();

    expect(time.now()).toBe(NOW_MS);
    world.passedMs = 500;
    expect(time.now()).toBe(NOW_MS + 500);
    expect(pass()).toBe(0);
  });

  test.each([HOUR_MS, -HOUR_MS, 24 * HOUR_MS, -24 * HOUR_MS])(
    "now() ignores a jump of the machine's clock alone by %d ms",
    (jumpMs) => {
      const { world, pass, lines } = clocks();
      pass();

      world.wrongMs = jumpMs;
      const [first, second] = [pass(), pass()];
      world.wrongMs = 0;
      pass();

      expect([first, second]).toEqual([0, 0]);
      expect(lines).toMatchObject([
        [{ differenceSeconds: jumpMs / 1000 }, expect.stringContaining("clock")],
        [{}, expect.stringContaining("right again")],
      ]);
    },
  );

  test("now() ignores a jump of PostgreSQL's clock alone", () => {
    const { world, pass, lines } = clocks();
    pass();

    world.databaseWrongMs = HOUR_MS;

    expect(pass()).toBe(0);
    expect(lines).toEqual([]);
  });

  test("now() follows when the machine's clock was wrong at the start and is corrected", () => {
    const { world, pass } = clocks();
    world.wrongMs = -HOUR_MS;
    world.databaseWrongMs = -HOUR_MS;

    expect(pass()).toBe(-HOUR_MS);
  });
});

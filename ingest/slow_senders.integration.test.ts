/** Senders that keep connections and memory without ever sending an event, over real sockets. */
import { measureAwake } from "@tally/stack/testing/awake_time";
import { RawConnection } from "@tally/stack/testing/raw_connection";
import { afterEach, describe, expect, test } from "bun:test";
import { metric, startFaked, until, type FakedIngest } from "./testing/faked_ingest.ts";
import { attack, ATTACKS, endAttacks, honestRequests, LIMITS } from "./testing/slow_senders.ts";

let ingest: FakedIngest | null = null;
const ends: (() => void)[] = [];

afterEach(async () => {
  endAttacks();
  for (const end of ends.splice(0)) end();
  await ingest?.stop();
});

describe("honest requests get their 202", () => {
  test.each(ATTACKS)("during %s", async (_title, options) => {
    ingest = await startFaked(LIMITS);
    await attack(ingest.url, options);

    const { accepted, all } = await honestRequests(ingest.url);

    expect(accepted).toBeGreaterThanOrEqual(all * 0.95);
  });
});

describe("a body that pauses", () => {
  test("gets 408 and the end of its connection after 3 s, long before the deadline", async () => {
    ingest = await startFaked();
    const connection = new RawConnection(ingest.url);
    ends.push(() => connection.end());

    const { value: status, ms } = await measureAwake(async () => {
      await connection.sendHead("Content-Length: 100000");
      await connection.send(" ".repeat(50_000));
      return connection.status();
    });

    expect(status).toBe(408);
    await until(() => connection.isClosed);
    expect(ms).toBeLessThan(5000);
    expect(await metric(ingest.url, "ingest_in_flight_requests")).toBe(0);
  });
});

import { describe, expect, test } from "bun:test";
import { CredentialCache, STALE_MS_MAX, type Credentials } from "./credentials.ts";
import { fakeAccess } from "./testing/access.ts";

const SECOND = 1000;

function cacheOf(read = fakeAccess(() => 0, { name: "ops", scopes: ["read"] })) {
  const clock = { ms: 1_000_000 };
  const errors: unknown[] = [];
  const cache = new CredentialCache({
    read: read.read,
    now: () => clock.ms,
    pause: async (ms) => void (clock.ms += ms),
    onError: (error) => errors.push(error),
  });
  return { cache, clock, errors, stored: read };
}

describe("current()", () => {
  test("current() reads once for many requests, and again after 1 s", async () => {
    const { cache, clock, stored } = cacheOf();

    await Promise.all(Array.from({ length: 100 }, () => cache.current()));
    clock.ms += SECOND;
    await cache.current();
    expect(stored.reads).toBe(1);
    clock.ms += 1;
    await cache.current();

    expect(stored.reads).toBe(2);
  });

  test("current() has no revoked key 1 s after the revocation", async () => {
    const { cache, clock, stored } = cacheOf();
    await cache.current();

    stored.revoke("ops");
    clock.ms += SECOND + 1;

    expect((await cache.current())?.scopes.size).toBe(0);
  });

  test("current() gives what was read last while reads fail, up to its bound, and then null", async () => {
    const { cache, clock, errors, stored } = cacheOf();
    await cache.current();
    stored.fail(true);

    clock.ms += STALE_MS_MAX;
    expect((await cache.current())?.scopes.size).toBe(1);
    expect(cache.isFresh).toBe(false);
    clock.ms += 1;

    expect(await cache.current()).toBeNull();
    expect(errors).toHaveLength(1);
  });

  test("current() asks a database that fails once per second", async () => {
    const { cache, clock, errors, stored } = cacheOf();
    stored.fail(true);

    for (let step = 0; step < 100; step++) {
      expect(await cache.current()).toBeNull();
      clock.ms += 100;
    }

    expect(stored.reads).toBe(10);
    expect(errors).toHaveLength(1);
  });

  test("current() waits for a read that hangs 2.5 s in all, and other requests not at all", async () => {
    const clock = { ms: 0 };
    const read = Promise.withResolvers<Credentials>();
    const cache = new CredentialCache({
      read: () => read.promise,
      now: () => clock.ms,
      pause: async () => undefined,
      onError: () => undefined,
    });
    const first = cache.current();
    clock.ms += 2.5 * SECOND;

    expect(await cache.current()).toBeNull();
    read.resolve(await fakeAccess(() => 0).read(0));

    expect(await first).not.toBeNull();
  });
});

describe("renewed()", () => {
  test("renewed() finds what was made after the last read", async () => {
    const { cache, clock, stored } = cacheOf();
    await cache.current();
    stored.addSession("ops", 1);
    clock.ms += 1;
    const before = clock.ms;

    expect((await cache.renewed())?.sessions.size).toBe(1);
    expect(clock.ms - before).toBe(199);
  });

  test("renewed() reads once for all who ask at the same time", async () => {
    const { cache, clock, stored } = cacheOf();
    await cache.current();
    clock.ms += SECOND;

    await Promise.all(Array.from({ length: 100 }, () => cache.renewed()));

    expect(stored.reads).toBe(2);
  });
});

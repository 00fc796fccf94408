/**
 * Requests through a proxy: an open service refuses them, and behind a trusted proxy each client is
 * a peer of its own.
 */
import { RawConnection } from "@tally/stack/testing/raw_connection";
import { afterEach, expect, test } from "bun:test";
import { silentLog } from "@tally/shared";
import {
  EVENT,
  expectProblem,
  post,
  startFaked,
  until,
  type FakedIngest,
} from "./testing/faked_ingest.ts";

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function startIngest(env: Record<string, string>, warnings: string[] = []) {
  const log = silentLog();
  log.warn = (_fields: object, message?: string) => void warnings.push(message ?? "");
  const ingest: FakedIngest = await startFaked(env, { log });
  ends.push(() => ingest.stop());
  return ingest;
}

const PROXIED = { "X-Forwarded-For": "203.0.113.7" };

test("ingest on loopback with keys off refuses what a proxy passes on, but health, and logs it once", async () => {
  const warnings: string[] = [];
  const { url } = await startIngest({}, warnings);

  for (const headers of [PROXIED, { Forwarded: "for=203.0.113.7" }]) {
    expectProblem(await post(url, EVENT, headers), "proxied_without_keys");
    expect((await fetch(`${url}/metrics`, { headers })).status).toBe(403);
    expect((await fetch(`${url}/health/ready`, { headers })).status).toBe(200);
  }
  expect((await post(url, EVENT)).status).toBe(202);
  expect(warnings).toEqual([expect.stringMatching(/TALLY_KEYS=on .*TALLY_OPEN=yes/)]);
});

test("ingest takes what a proxy passes on with TALLY_OPEN=yes", async () => {
  const { url } = await startIngest({ TALLY_OPEN: "yes" });

  expect((await post(url, EVENT, PROXIED)).status).toBe(202);
});

/** Opens a body that does not end, as a proxy passes it on for a client. */
async function openBody(url: string, client: string): Promise<RawConnection> {
  const connection = new RawConnection(url);
  ends.push(() => connection.end());
  await connection.sendHead(`Content-Length: 100000\r\nX-Forwarded-For: ${client}`);
  await connection.send(" ");
  return connection;
}

test("ingest bounds the bodies of each client, not of their proxy, when it trusts the proxy", async () => {
  const env = { INGEST_REQUESTS_MAX: "4", INGEST_PEER_PERCENT_MAX: "25", TALLY_OPEN: "yes" };
  const { url } = await startIngest({ ...env, TALLY_TRUSTED_PROXIES: "127.0.0.1" });

  const first = await openBody(url, "203.0.113.1");
  const second = await openBody(url, "203.0.113.2");
  const again = await openBody(url, "203.0.113.1");

  // One address may have one body in four: of the two of the first client one gives way.
  const ofFirst = () => [...first.statuses, ...again.statuses];
  await until(() => ofFirst().length > 0);
  expect(ofFirst()).toContain(503);
  expect(second.statuses).not.toContain(503);
});

test("ingest takes all that comes from one address for one client when it trusts no proxy", async () => {
  const env = { INGEST_REQUESTS_MAX: "4", INGEST_PEER_PERCENT_MAX: "25", TALLY_OPEN: "yes" };
  const { url } = await startIngest(env);

  const first = await openBody(url, "203.0.113.1");
  const second = await openBody(url, "203.0.113.2");

  const ofBoth = () => [...first.statuses, ...second.statuses];
  await until(() => ofBoth().length > 0);
  expect(ofBoth()).toContain(503);
});

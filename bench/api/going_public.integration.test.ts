/**
 * docs/going-public.md, really run: nginx or Caddy with TLS in front of both services with keys on,
 * its options, its commands that make keys, and curl.
 */
import { eventually } from "@tally/shared";
import { LOOPBACK, testNames, testStack } from "@tally/stack/testing";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";

import { startReady } from "../system/service.ts";
import { createSystem, servicesOf, systemFolder, type System } from "../system/system.ts";
import {
  blockOf,
  isInstalled,
  PROXIES,
  startTlsProxy,
  type TlsProxy,
} from "./testing/tls_proxy.ts";

const TEST_MS_MAX = 120_000;
const ROWS_MS_MAX = 20_000;
const NEEDED = ["curl", "openssl"];

for (const name of [...PROXIES, ...NEEDED].filter((each) => !isInstalled(each))) {
  test(`${name} is not installed here: docs/going-public.md was NOT tested with it`, () => {
    console.warn(`Not tested with ${name}: apt-get install ${name}, and run it again.`);
    expect(isInstalled(name)).toBe(false);
  });
}

let system: System;
const keys: Record<string, string> = {};
const runnable = NEEDED.every(isInstalled) ? PROXIES.filter(isInstalled) : [];

beforeAll(async () => {
  if (runnable.length === 0) return;
  const options = Object.fromEntries(
    blockOf("ini", "TALLY_KEYS=on")
      .split("\n")
      .flatMap((line) => {
        const [name = "", value] = line.split("=");
        return value === undefined ? [] : [[name, value] as const];
      }),
  );
  const stack = await testStack();
  const id = testNames().topic;
  options["INGEST_KEYS_FILE"] = join(systemFolder(stack, id), "ingest-keys.json");
  system = await createSystem({ stack, id, env: Bun.env, options });
  // The processor makes the tables in which keys are.
  await startReady(system.processors);
  for (const line of blockOf("sh", "keys create me").trim().split("\n")) await createKey(line);
  await startReady(servicesOf(system));
}, TEST_MS_MAX);
afterAll(() => system?.close(), TEST_MS_MAX);

/** Runs one `bun run keys create NAME ...` of the page. */
async function createKey(line: string): Promise<void> {
  const [, , , ...words] = line.split(" ");
  const root = join(import.meta.dir, "..", "..");
  const command = [process.execPath, "processor/commands/keys/main.ts", ...words];
  const env = { ...system.env } as Record<string, string>;
  const created = Bun.spawn(command, { cwd: root, env, stdout: "pipe", stderr: "ignore" });
  const printed = (await new Response(created.stdout).text()).trim();
  expect(printed).toMatch(/^tally_[A-Za-z0-9_-]{43}$/);
  keys[words[1] ?? ""] = printed;
}

/** An answer that curl has printed. */
interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

describe.each(runnable)("behind %s", (name) => {
  let proxy: TlsProxy;

  beforeAll(async () => {
    const [[ingest], [processor]] = [system.ingests, system.processors];
    proxy = await startTlsProxy(name, { ingest: ingest.url, processor: processor.url });
  }, TEST_MS_MAX);
  afterAll(() => proxy?.stop());

  /** Asks as the page says: by name, over TLS. */
  async function curl(host: string, path: string, ...words: string[]): Promise<Answer> {
    const { port, certificate } = proxy;
    const at = ["--resolve", `${host}:${port}:${LOOPBACK}`, "--cacert", certificate];
    const url = `https://${host}:${port}${path}`;
    const command = ["curl", "-si", "--http1.1", "--max-time", "20", ...at, ...words, url];
    const asked = Bun.spawn(command, { stdout: "pipe", stderr: "ignore" });
    const parts = (await new Response(asked.stdout).text()).split("\r\n\r\n");
    // Before a large body curl asks whether to send it, and each program on the way may say so.
    while (parts[0]?.startsWith("HTTP/1.1 100 ") === true) parts.shift();
    const [head = "", ...rest] = parts;
    return { status: Number(head.split(" ")[1]), head, body: rest.join("\r\n\r\n") };
  }
  const page = (path: string, ...words: string[]) => curl("tally.example", path, ...words);
  const senders = (path: string, ...words: string[]) => curl("in.tally.example", path, ...words);
  const bearer = (key: string) => ["-H", `Authorization: Bearer ${keys[key]}`];
  const json = (body: object) => {
    return ["-H", "Content-Type: application/json", "-d", JSON.stringify(body)];
  };
  const event = { sessionId: "s1", eventType: "hello", payload: { from: "the internet" } };

  test("nothing but health and the page is answered without a key", async () => {
    expect((await page("/events")).status).toBe(401);
    expect((await page("/metrics/stream")).status).toBe(401);
    expect((await page("/metrics")).status).toBe(401);
    expect((await page("/api/v2/query", ...json({}))).status).toBe(401);
    expect((await senders("/events", ...json(event))).status).toBe(401);
    expect((await senders("/metrics")).status).toBe(401);
    expect((await page("/health/ready")).status).toBe(200);
    expect((await senders("/health/ready")).status).toBe(200);
    expect((await page("/api/session")).body).toContain('"name":null');
  });

  test("an event that a write key sends is read with a read key, and not the other way round", async () => {
    const sent = { ...event, eventId: `public-${name}` };

    expect((await senders("/events", ...bearer("shop"), ...json(sent))).status).toBe(202);
    expect((await senders("/events", ...bearer("me"), ...json(sent))).status).toBe(403);
    expect((await page("/events", ...bearer("shop"))).status).toBe(403);
    const isStored = async () =>
      (await page("/events?limit=10", ...bearer("me"))).body.includes(sent.eventId);
    expect(await eventually(isStored, ROWS_MS_MAX)).toBe(true);
  });

  test("a body larger than a proxy takes by default passes", async () => {
    const text = "x".repeat(50_000);
    const large = JSON.stringify(
      Array.from({ length: 40 }, () => ({ ...event, payload: { text } })),
    );
    const file = `${proxy.certificate}.json`;
    await Bun.write(file, large);
    const body = ["-H", "Content-Type: application/json", "--data-binary", `@${file}`];

    expect((await senders("/events", ...bearer("shop"), ...body)).status).toBe(202);
  });

  test("the page signs in with a cookie for https, changes something, and signs out", async () => {
    const { port } = proxy;
    const origin = ["-H", `Origin: https://tally.example:${port}`];
    const signedIn = await page("/api/session", ...origin, ...json({ key: keys["me"] }));
    expect(signedIn.status).toBe(200);
    const [, text = ""] =
      /^set-cookie: (tally_session=[^;]+);.*; Secure/im.exec(signedIn.head) ?? [];
    const cookie = ["-H", `Cookie: ${text}`];

    expect((await page("/metrics", ...cookie)).status).toBe(200);
    const resend = "/dead-letters/resend?code=record_corrupt";
    expect((await page(resend, ...cookie, ...origin, ...json({}))).status).toBe(202);
    const foreign = ["-H", "Origin: https://evil.example"];
    expect((await page(resend, ...cookie, ...foreign, ...json({}))).status).toBe(403);
    expect((await page("/api/session", "-X", "DELETE", ...cookie, ...json({}))).status).toBe(200);
    const isOut = async () => (await page("/metrics", ...cookie)).status === 401;
    expect(await eventually(isOut, 5000)).toBe(true);
  });

  test("the stream arrives frame by frame", async () => {
    // Frames come once a second: a proxy that holds them back would give none in this time.
    const { head, body } = await page("/metrics/stream", ...bearer("me"), "-N", "--max-time", "4");

    expect(head).toContain("200");
    expect(body.split("event: metrics").length).toBeGreaterThan(2);
  });

  test("failed sign-ins are counted by client, and what a client says of itself is not believed", async () => {
    const wrong = json({ key: `tally_${"x".repeat(43)}` });
    const from = (client: string, said: string) =>
      page("/api/session", "--interface", client, "-H", `X-Forwarded-For: ${said}`, ...wrong);
    const [client, other] =
      name === "nginx" ? ["127.0.0.2", "127.0.0.3"] : ["127.0.0.4", "127.0.0.5"];

    const statuses: number[] = [];
    for (let attempt = 0; attempt < 11; attempt++) {
      statuses.push((await from(client, `203.0.113.${attempt}`)).status);
    }
    expect(statuses).toEqual([...Array(10).fill(401), 429]);
    expect((await from(other, "203.0.113.1")).status).toBe(401);
  });

  test("http leads to https", async () => {
    const { plainPort } = proxy;
    if (plainPort === null) return;
    const headers = { host: "tally.example" };
    const url = `http://${LOOPBACK}:${plainPort}/a?b`;

    const answer = await fetch(url, { headers, redirect: "manual" });

    expect([answer.status, answer.headers.get("location")]).toEqual([
      301,
      "https://tally.example/a?b",
    ]);
  });
});

/** Random events and queries for the property test. Test support only. */
import fc from "fast-check";
import type { PlainQuery, SentEvent } from "./plain_count.ts";
import type { PlainFunnel } from "./plain_funnel.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
export const TYPES = ["page_view", "pageview", "purchase", "Purchase", "sign up", "a_b%"];
const SOURCES = ["web", "app", undefined];
const ZONES = [
  "UTC",
  "Europe/Berlin",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "America/New_York",
  "Pacific/Chatham",
];

/** Times around now, a week and a year ago, and both changes of the clock in Berlin. */
function momentArbitrary(nowMs: number): fc.Arbitrary<number> {
  const around = (ms: number, widthMs: number) =>
    fc.integer({ min: -widthMs, max: widthMs }).map((distance) => ms + distance);
  const changes = ["2026-03-29T01:00:00Z", "2025-10-26T01:00:00Z"].map((text) => Date.parse(text));
  return fc.oneof(
    around(nowMs - 30 * MINUTE_MS, 30 * MINUTE_MS),
    around(nowMs - 24 * 60 * MINUTE_MS, 24 * 60 * MINUTE_MS),
    around(nowMs - 2 * DAY_MS, 5 * 60 * MINUTE_MS),
    around(nowMs - 7 * DAY_MS, DAY_MS),
    ...changes.map((ms) => around(ms, 3 * 60 * MINUTE_MS)),
  );
}

const scalar = fc.constantFrom<unknown>(
  "1",
  1,
  1.5,
  -2,
  true,
  false,
  null,
  "x",
  "X%",
  "",
  "ä",
  "null",
);
const payload = fc.oneof(
  fc.record(
    {
      path: fc.constantFrom("/", "/home", "/Home", "/user/17", "/a_b"),
      price: fc.oneof(
        fc.constantFrom<unknown>("9", null, 1e21),
        fc.integer({ min: -10_000, max: 100_000 }).map((cents) => cents / 100),
      ),
      cart: fc.oneof(scalar, fc.record({ kind: scalar }, { requiredKeys: [] })),
      list: fc.array(scalar, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  ),
  scalar,
);

/** Events, some of them late. */
export function eventArbitrary(nowMs: number): fc.Arbitrary<SentEvent> {
  const delay = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 5000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -9 * MINUTE_MS, max: 15 * MINUTE_MS }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 3 * DAY_MS }) },
  );
  const text = (ms: number) => new Date(ms).toISOString();
  return fc
    .record({
      ms: momentArbitrary(nowMs),
      delay,
      eventType: fc.constantFrom(...TYPES),
      sessionId: fc.integer({ min: 0, max: 40 }).map((number) => `s-${number}`),
      source: fc.constantFrom(...SOURCES),
      payload,
    })
    .map(({ ms, delay: delayMs, source, payload: value, ...event }) => ({
      ...event,
      ts: text(ms),
      receivedAt: text(ms + delayMs),
      // As JSON keeps it: no -0.
      payload: JSON.parse(JSON.stringify(value)),
      ...(source === undefined ? {} : { source }),
    }));
}

const FIELDS = [
  "event:name",
  "event:source",
  "event:page",
  "event:props:cart",
  "event:props:cart.kind",
];

function filterArbitrary(field: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  const { tree } = fc.letrec<{ tree: unknown; leaf: unknown }>((tie) => ({
    leaf: field.chain(leafArbitrary),
    tree: fc.oneof(
      { maxDepth: 2, depthSize: "small" },
      tie("leaf"),
      fc.tuple(fc.constantFrom("and", "or"), fc.array(tie("tree"), { minLength: 1, maxLength: 3 })),
      fc.tuple(fc.constant("not"), tie("tree")),
    ),
  }));
  return tree;
}

function leafArbitrary(name: string): fc.Arbitrary<unknown> {
  const text = fc.constantFrom("page", "Pur", "_", "%", "/", "x", "web", ...TYPES);
  const values = name.startsWith("event:props") || name === "event:page" ? scalar : text;
  const modifiers = fc.constantFrom<unknown[]>(
    [],
    [{ case_sensitive: false }],
    [{ case_sensitive: true }],
  );
  const patterns = fc.constantFrom(
    "^p",
    "e$",
    "[0-9]+",
    "(page|pur)_?",
    "^.{1,4}$",
    "\\d",
    "s\\s?u",
    "a.b",
  );
  const compare = (operators: string[], arbitrary: fc.Arbitrary<unknown>) =>
    fc
      .tuple(
        fc.constantFrom(...operators),
        fc.array(arbitrary, { minLength: 1, maxLength: 3 }),
        modifiers,
      )
      .map(([operator, list, rest]) => [operator, name, list, ...rest]);
  return fc.oneof(
    compare(["is", "is_not"], values),
    compare(["contains", "contains_not"], text),
    fc
      .tuple(
        fc.constantFrom("matches", "matches_not"),
        fc.array(patterns, { minLength: 1, maxLength: 2 }),
      )
      .map(([operator, list]) => [operator, name, list]),
  );
}

const GRAINS = ["time:minute", "time:hour", "time:day", "time:week", "time:month"];
const PROPERTY_METRICS = ["sum", "avg", "min", "max", "p50", "p95", "p99", "unique"].map(
  (of) => `${of}:event:props:price`,
);

/** Queries; half of them such that the counts can answer them. */
export function queryArbitrary(nowMs: number): fc.Arbitrary<PlainQuery> {
  const some = <T>(values: readonly T[], maxLength: number, minLength = 0) =>
    fc.uniqueArray(fc.constantFrom(...values), { minLength, maxLength });
  const counted = {
    metrics: some(["events", "pageviews", "percentage"], 3, 1),
    others: some(["event:name"], 1),
    filters: fc.array(filterArbitrary(fc.constant("event:name")), { maxLength: 2 }),
  };
  const plain = ["events", "sessions", "visitors", "pageviews", "percentage"];
  const read = {
    metrics: some([...plain, ...PROPERTY_METRICS, "unique:event:props:cart"], 4, 1),
    others: some(FIELDS, 2),
    filters: fc.array(filterArbitrary(fc.constantFrom(...FIELDS)), { maxLength: 2 }),
  };
  const shape = fc.oneof(fc.record(counted), fc.record(read));
  return fc
    .record({
      shape,
      time: fc.oneof(fc.constant(null), fc.constantFrom(...GRAINS)),
      timezone: fc.constantFrom(...ZONES),
      from: momentArbitrary(nowMs),
      hours: fc.constantFrom(0.05, 0.25, 1, 3, 25, 24 * 8, 24 * 400),
      unitMs: fc.constantFrom(1, MINUTE_MS, 15 * MINUTE_MS),
      order: fc.option(fc.tuple(fc.nat(), fc.constantFrom("asc" as const, "desc" as const))),
    })
    .map(({ shape: { metrics, others, filters }, time, timezone, from, hours, unitMs, order }) => {
      const fromMs = Math.floor(from / unitMs) * unitMs;
      const toMs = fromMs + Math.ceil((hours * 60 * MINUTE_MS) / unitMs) * unitMs;
      // A range of 8 days has too many minutes.
      const grain = time === "time:minute" && hours > 25 ? "time:day" : time;
      const text = (ms: number) => new Date(ms).toISOString();
      // An end in second 59 means the end of its minute.
      const end = toMs % MINUTE_MS === 59_000 ? toMs + 1000 : toMs;
      const isTooMany = grain === "time:hour" && hours > 24 * 8;
      const dimensions = grain === null || isTooMany ? others : [grain, ...others];
      const names = [...metrics, ...dimensions];
      const order_by =
        order === null ? {} : { order_by: [[names[order[0] % names.length] ?? "", order[1]]] };
      return {
        ...(order_by as object),
        metrics,
        dimensions,
        filters,
        timezone,
        date_range: [text(fromMs), text(end)],
      };
    });
}

/** Funnels of steps that many or few events fit. */
export function funnelArbitrary(nowMs: number): fc.Arbitrary<PlainFunnel> {
  const type = fc
    .uniqueArray(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 3 })
    .map((types) => ["is", "event:name", types]);
  const step = fc.oneof(type, filterArbitrary(fc.constantFrom("event:name", "event:page")));
  return fc
    .record({
      steps: fc.array(step, { minLength: 2, maxLength: 5 }),
      window: fc.constantFrom("10s", "5m", "3h", "48h"),
      by: fc.constantFrom("session", "session", "event:page", "event:props:cart"),
      filters: fc.array(filterArbitrary(fc.constant("event:source")), { maxLength: 1 }),
      from: momentArbitrary(nowMs),
      hours: fc.constantFrom(1, 24 * 8, 24 * 400),
    })
    .map(({ from, hours, ...funnel }) => ({
      ...funnel,
      date_range: [from, from + hours * 60 * MINUTE_MS].map((ms) =>
        new Date(ms - (ms % MINUTE_MS)).toISOString(),
      ) as [string, string],
    }));
}

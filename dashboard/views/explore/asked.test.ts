/** The parameters of the explore view, and the questions that they make. */
import { describe, expect, test } from "bun:test";
import { DEFAULT_STATE, readState, writeState } from "../../address/page_state.ts";
import {
  type Asked,
  changeAsked,
  curlOf,
  funnelQuestion,
  offeredTo,
  partsQuestion,
  propertyFor,
  readAsked,
  scopeOf,
  tableQuestion,
  writeAsked,
} from "./asked.ts";

const NOW = { nowMs: Date.parse("2026-11-29T09:14:31Z"), zone: "Europe/Berlin" };
const FULL: Asked = {
  form: "funnel",
  metric: "p95",
  of: "event:props:price",
  by: "time",
  sort: "change",
  reversed: "yes",
  steps: [
    { operator: "is", dimension: "event:name", values: ["view"] },
    { operator: "is", dimension: "event:page", values: ["/a,b", 1] },
  ],
  window: "2h",
  who: "event:props:userId",
};

describe("readAsked()", () => {
  test("gives what writeAsked() was given, also by way of an address", () => {
    expect(readAsked(writeAsked(FULL))).toEqual(FULL);
    const address = writeState({ ...DEFAULT_STATE, view: "explore", own: writeAsked(FULL) });
    expect(readAsked(readState(address).own)).toEqual(FULL);
  });

  test("gives defaults for nonsense", () => {
    const nonsense = {
      metric: "drop",
      of: "x",
      by: "visit:city",
      window: "1y",
      who: "me",
      step1: "",
    };

    expect(readAsked(nonsense)).toEqual(readAsked({}));
    expect(writeAsked(readAsked({}))).toEqual({});
  });
});

test("changeAsked() forgets the order of the rows when the question is another one", () => {
  const order = { sort: "change", reversed: "yes" } as const;

  expect(changeAsked(FULL, { by: "time", window: "5m" })).toMatchObject(order);
  expect(changeAsked(FULL, { by: "event:page" })).toMatchObject({ sort: "", reversed: "" });
  expect(changeAsked(FULL, { metric: "events" })).toMatchObject({ sort: "", reversed: "" });
});

test("a metric that reads numbers begins with a property that holds them", () => {
  const numbers = new Set(["event:props:total"]);
  const seen = { properties: ["event:props:plan", "event:props:total"], numbers };

  expect(offeredTo("sum", seen.properties, numbers)).toEqual([
    "event:props:total",
    "event:page",
    "event:props:plan",
  ]);
  expect(propertyFor("sum", "", seen)).toBe("event:props:total");
  expect(propertyFor("sum", "event:props:plan", seen)).toBe("event:props:total");
  expect(propertyFor("sum", "event:props:unseen", seen)).toBe("event:props:unseen");
  expect(propertyFor("unique", "", seen)).toBe("event:page");
  expect(propertyFor("unique", "event:props:plan", seen)).toBe("event:props:plan");
});

describe("tableQuestion()", () => {
  const state = { ...DEFAULT_STATE, range: "24h" as const };
  const scope = scopeOf(state, NOW);

  test("asks for the range of the page up to the end of the open minute", () => {
    expect(tableQuestion(readAsked({}), scope, state)).toEqual({
      metrics: ["events"],
      date_range: ["2026-11-28T09:14:00Z", "2026-11-29T09:15:00Z"],
      dimensions: ["event:name"],
      filters: [],
      timezone: "Europe/Berlin",
      include: { comparisons: { mode: "previous_period" } },
      pagination: { limit: 100 },
    });
  });

  test("asks nothing while the property of a metric is not chosen", () => {
    expect(tableQuestion(readAsked({ metric: "sum" }), scope, state)).toBeNull();
    expect(
      tableQuestion(readAsked({ metric: "sum", of: "event:props:a" }), scope, state)?.metrics,
    ).toEqual(["sum:event:props:a"]);
  });
});

test("partsQuestion() asks for the parts of each metric that is split", () => {
  const scope = scopeOf(DEFAULT_STATE, NOW);

  expect(partsQuestion(readAsked({}), scope, ["a"])?.dimensions).toEqual([
    "time:minute",
    "event:name",
  ]);
  expect(partsQuestion(readAsked({ metric: "sessions" }), scope, ["a"])).toMatchObject({
    metrics: ["sessions"],
    filters: [["is", "event:name", ["a"]]],
  });
  // Among the chosen values alone each share would be greater.
  expect(partsQuestion(readAsked({ metric: "percentage" }), scope, ["a"])?.filters).toEqual([]);
  expect(partsQuestion(readAsked({ by: "time" }), scope, ["a"])).toBeNull();
  expect(partsQuestion(readAsked({}), scope, [])).toBeNull();
});

test("funnelQuestion() needs two steps", () => {
  const scope = scopeOf(DEFAULT_STATE, NOW);

  expect(funnelQuestion({ ...FULL, steps: FULL.steps.slice(1) }, scope)).toBeNull();
  expect(funnelQuestion(FULL, scope)).toMatchObject({
    steps: [
      ["is", "event:name", ["view"]],
      ["is", "event:page", ["/a,b", 1]],
    ],
    window: "2h",
    by: "event:props:userId",
  });
});

test("curlOf() makes a command that a shell passes on as it is", async () => {
  const body = { a: `it's "quoted" $HOME \`x\` \\` };
  const command = curlOf("http://localhost:8082/api", body).replace(/^curl -s/, "printf '%s\\n'");

  const shell = Bun.spawn(["sh", "-c", command]);
  const lines = (await new Response(shell.stdout).text()).split("\n");

  expect(lines[0]).toBe("http://localhost:8082/api");
  expect(JSON.parse(lines[4] ?? "")).toEqual(body);
});

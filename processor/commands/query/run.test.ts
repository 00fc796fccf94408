/** The command against a fake processor. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { isRefused } from "../../queries/asked/refused.ts";
import { readQueryBody } from "../../queries/asked/request.ts";
import { EXAMPLES } from "./arguments.ts";
import { runQuery } from "./run.ts";

let server: ReturnType<typeof Bun.serve>;
let asked: object[];
let answer: { status: number; body: object };

const META = {
  complete_up_to: "2026-01-31T07:00:00.000Z",
  source: "counts",
  exact: { events: true },
  rows_in_range: 1234,
  rows_read: 0,
  late_events: 5,
  total_rows: 2,
  took_ms: 3,
};
const BY_TYPE = {
  results: [
    { dimensions: ["page_view"], metrics: [1200] },
    { dimensions: ["bad\u001b[2J"], metrics: [34] },
  ],
  meta: META,
  query: { metrics: ["events"], dimensions: ["event:name"] },
};

beforeAll(() => {
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      asked.push((await request.json()) as object);
      return Response.json(answer.body, { status: answer.status });
    },
  });
});
afterAll(() => server.stop(true));
beforeEach(() => {
  asked = [];
  answer = { status: 200, body: BY_TYPE };
});

async function run(line: string, file = "") {
  let [printed, complained] = ["", ""];
  const exitCode = await runQuery(line.split(" ").filter(Boolean), {
    processorUrl: () => server.url.origin,
    key: () => null,
    readFile: async () => file,
    print: (text) => (printed += text),
    complain: (text) => (complained += text),
  });
  return { exitCode, printed, complained };
}

describe("runQuery()", () => {
  test("runQuery() prints a table with bars, and how far it can be trusted", async () => {
    const { exitCode, printed } = await run("--last 24h --by type");

    expect(exitCode).toBe(0);
    expect(printed).toBe(
      `type       events
---------  ------  ------------------------------
page_view   1,200  ██████████████████████████████
bad�[2J        34  █

complete up to 2026-01-31T07:00:00.000Z, from counts, exact; 1,234 rows in range, 5 came late
`,
    );
  });

  test("runQuery() shows each bucket of time in which nothing happened", async () => {
    const meta = { ...META, time_labels: ["2026-01-01", "2026-01-02"], total_rows: 1 };
    const results = [{ dimensions: ["2026-01-02"], metrics: [7] }];
    answer.body = { results, meta, query: { metrics: ["events"], dimensions: ["time:day"] } };

    const { printed } = await run("--last 7d --every day");

    expect(printed).toContain("2026-01-01       0\n2026-01-02       7  ███");
  });

  test("runQuery() adds no empty bucket when the answer has only some of the rows", async () => {
    const meta = { ...META, time_labels: ["2026-01-01", "2026-01-02"], total_rows: 2 };
    const results = [{ dimensions: ["2026-01-02"], metrics: [7] }];
    answer.body = { results, meta, query: { metrics: ["events"], dimensions: ["time:day"] } };

    const { printed } = await run("--last 7d --every day --limit 1");

    expect(printed).not.toContain("2026-01-01");
    expect(printed).toContain("These are 1 of 2 rows");
  });

  test("runQuery() shows 0 different values, and no sum, in an empty bucket", async () => {
    const meta = { ...META, time_labels: ["2026-01-01"], total_rows: 0 };
    const metrics = ["unique:event:props:a", "sum:event:props:a"];
    answer.body = { results: [], meta, query: { metrics, dimensions: ["time:day"] } };

    const { printed } = await run(`--every day --metric ${metrics.join(" ")}`);

    expect(printed).toMatch(/2026-01-01 +0 +-/);
  });

  test.each([
    [0, "No event has its time in this range: --last all takes every stored event."],
    [7, "No event of the range fits the question.\n"],
  ])("runQuery() says what to try when %i rows of the range give no answer", async (rows, text) => {
    const meta = { ...META, rows_in_range: rows, total_rows: 0 };
    answer.body = { results: [], meta, query: BY_TYPE.query };

    const { printed } = await run("--by type");

    expect(printed).toStartWith(text);
  });

  test.each([
    ["--every minute", 10_000],
    ["--every minute --by type", 1000],
    ["--by type", 1000],
    ["--every minute --limit 5", 5],
  ])("runQuery() with %p asks for at most %i rows", async (line, limit) => {
    await run(line);

    expect(asked).toMatchObject([{ pagination: { limit } }]);
  });

  test("runQuery() makes a query of its options that the processor takes", async () => {
    await run(
      "--from 2026-01-01 --to 2026-01-31 --by source cart.currency --every week --zone Europe/Berlin --where type=page_view --where cart.total!=0 --where page=/a=b --metric events sum:event:props:price --limit 5",
    );

    expect(asked).toEqual([
      {
        metrics: ["events", "sum:event:props:price"],
        date_range: ["2026-01-01", "2026-01-31"],
        dimensions: ["time:week", "event:source", "event:props:cart.currency"],
        filters: [
          ["is", "event:name", ["page_view"]],
          ["is_not", "event:props:cart.total", [0]],
          ["is", "event:page", ["/a=b"]],
        ],
        timezone: "Europe/Berlin",
        include: { time_labels: true },
        pagination: { limit: 5 },
      },
    ]);
    expect(isRefused(readQueryBody(asked[0]))).toBe(false);
  });

  test.each(EXAMPLES)("runQuery() runs the example %p of its help", async (line) => {
    const { exitCode } = await run(line.replace("bun run query ", ""));

    expect(exitCode).toBe(0);
    expect(isRefused(readQueryBody(asked[0]))).toBe(false);
    expect((await run("--help")).printed).toContain(line);
  });

  test("runQuery() prints the whole answer as JSON, and its rows as CSV", async () => {
    expect(JSON.parse((await run("--json")).printed)).toEqual(BY_TYPE);
    expect((await run("--csv")).printed).toStartWith("event:name,events\r\npage_view,1200\r\n");
  });

  test("runQuery() asks what a file holds", async () => {
    const body = { metrics: ["events"], date_range: "all" };

    expect((await run("--file query.json", JSON.stringify(body))).exitCode).toBe(0);
    expect(asked).toEqual([body]);
    expect(await run("--file query.json", "{")).toMatchObject({
      exitCode: 2,
      complained: expect.stringContaining("JSON object"),
    });
  });

  test("runQuery() says what is allowed when the processor refuses", async () => {
    const problem = {
      code: "unknown_metric",
      title: "There is no such metric",
      detail: "Allowed: events",
    };
    answer = { status: 400, body: problem };

    expect(await run("--metric clicks")).toEqual({
      exitCode: 1,
      printed: "",
      complained:
        "Cannot POST /api/v2/query: There is no such metric (unknown_metric, status 400)\nAllowed: events.\n",
    });
  });

  test.each([
    ["--every year", "Allowed choices are minute, hour, day, week, month."],
    ["--where type", "It must be like type=page_view"],
    ["--from 2026-01-01", "Give --from and --to, or --last."],
    ["--json --csv", "--json and --csv do not go together."],
    ["--file a --last 24h", "no other option"],
  ])("runQuery() reports what is wrong with %p", async (line, text) => {
    const { exitCode, complained } = await run(line);

    expect(exitCode).toBe(2);
    expect(complained).toContain(text);
  });
});

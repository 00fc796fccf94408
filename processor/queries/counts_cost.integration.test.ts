/** What answers from counts cost, as rows that the steps of their plans handle. */
import { beforeAll, expect, test } from "bun:test";
import { useTables } from "../rows/testing/tables.ts";
import { isRefused } from "./asked/refused.ts";
import { readQueryBody } from "./asked/request.ts";
import { findAnswer } from "./find_answer.ts";
import type { Statement } from "./sql/statement.ts";

const TYPES = 20;
const PARTITIONS = 3;
const MINUTES = 480;
const HOURS = 90 * 24;
const OPEN_ROWS = MINUTES * PARTITIONS;
const NOW_MS = Date.parse("2026-06-30T12:07:00Z");
const tables = useTables();

beforeAll(async () => {
  const { sql } = tables;
  await sql`
    insert into counted_types (log, partition, event_type, number)
    select 1, place, 'type-' || number, number
    from generate_series(1, ${PARTITIONS}::integer) as place,
      generate_series(1, ${TYPES}::integer) as number`;
  await sql`
    insert into minute_counts (minute, log, partition, total, late, counts)
    select timestamptz '2026-06-30T12:06:00Z' - make_interval(mins => back), 1, place,
      ${TYPES}::integer, 0, array_fill(1::bigint, array[${TYPES}::integer])
    from generate_series(0, ${MINUTES - 1}::integer) as back,
      generate_series(1, ${PARTITIONS}::integer) as place`;
  await sql`
    insert into hour_counts (hour, event_type, events_00, events_15, events_30, events_45)
    select timestamptz '2026-06-30T03:00:00Z' - make_interval(hours => back), 'type-' || number,
      1, 1, 1, 1
    from generate_series(0, ${HOURS - 1}::integer) as back,
      generate_series(1, ${TYPES}::integer) as number`;
  await sql`
    insert into hour_totals
    select hour, sum(events_00), sum(events_15), sum(events_30), sum(events_45), 0, 0, 0, 0
    from hour_counts group by hour`;
  await sql`analyze minute_counts, hour_counts, hour_totals, counted_types`;
});

const COUNTS = (HOURS + OPEN_ROWS) * TYPES;
const EIGHT_HOURS = ["2026-06-30T04:07:00Z", "2026-06-30T12:07:00Z"];

test.each([
  ["30d", ["time:hour", "event:name"], COUNTS],
  [EIGHT_HOURS, ["time:minute", "event:name"], OPEN_ROWS * TYPES],
  ["12mo", ["time:day", "event:name"], COUNTS],
  ["12mo", ["event:name"], COUNTS],
  ["12mo", ["time:day"], HOURS + OPEN_ROWS],
  ["all", ["time:month"], HOURS + OPEN_ROWS],
])("findAnswer() handles each count once for %j by %j", async (date_range, dimensions, rowsMax) => {
  const query = readQueryBody({ metrics: ["events"], date_range, dimensions });
  if (isRefused(query)) throw new Error(query.problem.code);
  const handled: number[] = [];
  const read = async <Row>(statement: Statement) => {
    handled.push(await rowsHandled(statement));
    return await tables.sql.unsafe<(Row & object)[]>(statement.text, [...statement.parameters]);
  };

  const found = await findAnswer(query, { read, nowMs: NOW_MS, rowsMax: 1 });

  expect(found).toMatchObject({ source: "counts" });
  expect(Math.max(...handled)).toBeLessThanOrEqual(rowsMax);
});

interface PlanNode {
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Join Filter"?: number;
  readonly Plans?: readonly PlanNode[];
}

/** The rows of the step that handles most: the planner may do several steps in one. */
async function rowsHandled({ text, parameters }: Statement): Promise<number> {
  if (text.startsWith("explain")) return 0;
  const explain = `explain (analyze, timing off, format json) ${text}`;
  const [row] = await tables.sql.unsafe<{ "QUERY PLAN": readonly [{ Plan: PlanNode }] }[]>(
    explain,
    [...parameters],
  );
  const plan = row?.["QUERY PLAN"][0].Plan;
  return plan === undefined ? 0 : Math.max(...rowsOf(plan));
}

function rowsOf(node: PlanNode): readonly number[] {
  const each = node["Actual Rows"] + (node["Rows Removed by Join Filter"] ?? 0);
  return [Math.round(each * node["Actual Loops"]), ...(node.Plans ?? []).flatMap(rowsOf)];
}

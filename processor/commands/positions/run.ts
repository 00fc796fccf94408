/** The flow of each `bun run positions` command: read, check, explain, ask, change. */
import type { Config } from "@tally/shared";
import type { Watermarks } from "@tally/shared/kafka";
import { wrapText } from "@tally/shared/terminal/wrap";
import { guarded, type Database } from "@tally/shared/database";
import { openDatabase } from "../../database/database.ts";
import { idIndexWarning, readIdIndex } from "../../database/id_index.ts";
import { READ_RIGHTS } from "../../database/rights.ts";
import { refuseTables } from "../refuse_tables.ts";
import { acknowledge } from "./acknowledge.ts";
import type { ChangeCommand, PositionsCommand, ShowCommand, Target } from "./arguments.ts";
import { readFacts, readTopic, readTopicIfThere } from "./facts.ts";
import { explainPositions } from "./report.ts";
import { planResume, resume, type StoppedPartition } from "./resume.ts";
import { refused, type Refusal } from "./refusal.ts";
import { planRewind, rewind, type RewindPlan } from "./rewind.ts";
import { showTable } from "./table.ts";

/** 0: done; 1: refused or declined. */
export type ExitCode = 0 | 1;

export interface RunOptions {
  readonly config: Pick<Config<"processor">, "kafka" | "database">;
  readonly print: (text: string) => void;
  readonly ask: (question: string) => boolean;
  /** The name of the user who runs the command. */
  readonly user: string;
}

/**
 * Runs one command.
 *
 * @throws {PipelineError} `database_unavailable`, `broker_unavailable`; `database_misconfigured`,
 *   `database_read_only`, `config_invalid` when the server or the role is not fit.
 */
export async function runPositions(
  command: PositionsCommand,
  options: RunOptions,
): Promise<ExitCode> {
  const sql = openDatabase(options.config, "tally-positions");
  try {
    const isChange = command.name !== "show" && command.name !== "explain";
    const needs = { ...READ_RIGHTS, ...(isChange ? CHANGE_RIGHTS : {}) };
    const unfit = await refuseTables(sql, { schema: options.config.database.schema, needs });
    const refusal = unfit === null ? await run(sql, command, options) : refused(unfit);
    if (refusal === null) return 0;
    options.print(`${refusal.reason}\n`);
    return 1;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** What `rewind`, `resume` and `acknowledge` change. */
const CHANGE_RIGHTS = {
  positions: ["select", "update"],
  archive_objects: ["select", "update"],
  offset_gaps: ["select", "update", "delete"],
};

/** Resolves with null when the command is done. */
async function run(
  sql: Database,
  command: PositionsCommand,
  options: RunOptions,
): Promise<Refusal | null> {
  if (command.name === "rewind" || command.name === "resume") {
    return await change(sql, command, options);
  }
  if (command.name === "acknowledge") return await acknowledge(sql, command, options);
  options.print(await describe(sql, command.name, options.config));
  return null;
}

async function describe(
  sql: Database,
  name: ShowCommand["name"],
  config: RunOptions["config"],
): Promise<string> {
  const { topic, isAnswered } = await readTopicIfThere(config);
  const facts = await readFacts(sql, config.kafka.topic, isAnswered ? topic : undefined);
  const index = await readIdIndex(sql);
  const warning = index === null ? null : idIndexWarning(index);
  const text = name === "show" ? showTable(facts) : explainPositions(facts);
  return warning === null ? text : `${text}\n${wrapText(warning)}`;
}

/** Resolves with null when the command is done. */
async function change(
  sql: Database,
  command: ChangeCommand,
  { config, print, ask }: RunOptions,
): Promise<Refusal | null> {
  const place = await findPlace(sql, config, command.target);
  if (place.kind === "refused") return place;
  const agree = () => command.isAgreed || ask("Continue?");
  if (command.name === "resume") {
    const plan = await planResume(sql, place, place.watermarks);
    if (plan.kind === "refused") return plan;
    print(resumeText(place, plan, command.acceptLog));
    if (!agree()) return DECLINED;
    const { acceptLog } = command;
    if (!(await resume(sql, place, { stopped: plan.stopped, acceptLog }))) return CHANGED;
    print("The partition continues: a running processor notices within seconds.\n");
    return null;
  }
  const request = { ...place, to: command.to };
  const plan = await planRewind(sql, request);
  if (plan.kind === "refused") return plan;
  print(rewindText(place, plan));
  if (!agree()) return DECLINED;
  if (!(await rewind(sql, request, plan))) return CHANGED;
  print(`The position is ${plan.to}: a running processor notices within seconds.\n`);
  return null;
}

const DECLINED = refused("Nothing was changed.");
const CHANGED = refused("Nothing was changed: the position changed meanwhile. Look again.");

/** A sink's partition of the current log. */
interface Place extends Target {
  readonly kind: "place";
  readonly logNumber: number;
  readonly watermarks: Watermarks;
}

async function findPlace(
  sql: Database,
  config: RunOptions["config"],
  { sink, partition }: Target,
): Promise<Place | Refusal> {
  const name = config.kafka.topic;
  const topic = await readTopic(config);
  if (topic === null) return refused(`Kafka has no topic "${name}".`);
  const watermarks = topic.watermarks.get(partition);
  if (watermarks === undefined) {
    return refused(`Topic "${name}" has no partition ${partition}, or no leader for it now.`);
  }
  const [row] = await guarded(
    sql,
    () => sql<{ log: number }[]>`
      select log from logs where topic = ${name} and topic_id = ${topic.topicId}`,
  );
  if (row === undefined) return refused(`No processor has read topic "${name}" yet.`);
  return { kind: "place", sink, partition, logNumber: row.log, watermarks };
}

function rewindText({ sink, partition }: Place, plan: RewindPlan): string {
  const { from, to, ranges, stopped } = plan;
  const still = stopped === null ? "" : `The partition stays stopped until "resume": ${stopped}\n`;
  return sink === "postgres"
    ? `The rows of partition ${partition} go back from offset ${from} to ${to}: the records between are read again.
Existing rows, duplicates and dead letters are recognised and not written twice; missing rows are
written. Totals go back and grow again; until they have grown, an audit reports that the archive is
ahead. The rows below ${to} are counted first, which takes a while in a large
table; writing of the partition waits meanwhile.\n${still}`
    : `The archive of partition ${partition} goes back from offset ${from} to ${to}. Its ranges from there on (${ranges})
are planned again: each is read from Kafka, and its digest compared with its object's. An equal
object is kept, a missing one is uploaded, a different one stops the partition. Nothing in the bucket is
overwritten or deleted.\n${still}`;
}

function resumeText(
  { sink, partition }: Place,
  { stopped, nextOffset }: StoppedPartition,
  acceptLog: boolean,
): string {
  const what = acceptLog
    ? `It takes the log as it is: the record before that offset is no longer compared, and records below
that offset are not read.`
    : "The cause is checked again, and stops the partition again if it remains.";
  return `The sink ${sink} continues in partition ${partition} at offset ${nextOffset}. It stopped because of
${stopped}
${what}\n`;
}

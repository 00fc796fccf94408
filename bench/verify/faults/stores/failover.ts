/** PostgreSQL as its administrators move and mend it: failover, lost answers, maintenance. */
import type { TcpProxy } from "@tally/stack/testing/tcp_proxy";

import type { System } from "../../../system/system.ts";
import { readPositions } from "../../judgement/evidence.ts";
import type { Fault, Trial } from "../../fault.ts";
import { demandSteadyIngest } from "../demands.ts";

/** Rows must be written again this soon after the failover has ended. */
const ROWS_AGAIN_MS_MAX = 10_000;
const WATCH_MS_MAX = 60_000;

export const databaseFailover: Fault = {
  name: "database-failover",
  title: "open connections stay at a PostgreSQL that takes no writes any more",
  isShort: false,
  async run(trial) {
    const { system, watch, clock } = trial;
    const [processor] = system.processors;
    const refused = () => watch.now(processor, "processor_write_errors_total");
    const load = trial.load({ eventsPerSecond: 500 });
    await trial.randomPause(2000, 3000);
    const before = await refused();
    const undo = await leaveConnectionsBehind(trial);
    const startedMs = clock.nowMs();
    const isRefused = async () => (await refused()) > before;
    const hasRefused = await clock.eventually(isRefused, WATCH_MS_MAX);
    // Each partition may still have had one statement in flight: more rows than these hold.
    const rows = await rowsOf(system);
    const isMore = async () => (await rowsOf(system)) > rows + 200;
    const areRowsBack = await clock.eventually(isMore, WATCH_MS_MAX);
    const tookMs = clock.nowMs() - startedMs;
    trial.note(`rows again after ${Math.round(tookMs)} ms`);
    await undo();
    trial.repaired();
    await trial.randomPause(500, 1000);
    await load.stop();
    trial.hadEffect("writes refused", hasRefused ? (await refused()) - before : 0);
    trial.demand(
      `rows again within ${ROWS_AGAIN_MS_MAX / 1000} s (${Math.round(tookMs)} ms)`,
      areRowsBack && tookMs < ROWS_AGAIN_MS_MAX,
    );
    demandSteadyIngest(trial, load);
  },
};

/**
 * What a failover behind an address that stays the same looks like to the processor: sessions that
 * are open take no writes any more, new ones do. A server setting reaches open sessions, a setting
 * of the role only new ones.
 */
async function leaveConnectionsBehind({ system, clock }: Trial): Promise<() => Promise<void>> {
  const { sql, database } = system;
  await sql.unsafe(`alter role "${database.role}" set default_transaction_read_only = off`);
  await sql.unsafe("alter system set default_transaction_read_only = on");
  await sql.unsafe("select pg_reload_conf()");
  return async () => {
    await sql.unsafe("alter system reset default_transaction_read_only");
    await sql.unsafe("select pg_reload_conf()");
    const reset = () => sql.unsafe(`alter role "${database.role}" reset all`);
    const isReset = () =>
      reset().then(
        () => true,
        () => false,
      );
    await clock.eventually(isReset, WATCH_MS_MAX);
  };
}

async function rowsOf(system: System): Promise<number> {
  const positions = await readPositions(system);
  return positions
    .filter(({ sink }) => sink === "postgres")
    .reduce((sum, { events }) => sum + events, 0);
}

export const answersLost: Fault = {
  name: "answers-lost",
  title: "cut between COMMIT and its answer; VACUUM FULL, REINDEX under load",
  isShort: false,
  async run(trial) {
    const { system } = trial;
    const load = trial.load({ eventsPerSecond: 1000 });
    const proxies = system.processors.flatMap(({ postgres }) => postgres ?? []);
    const rounds = trial.isShort ? 4 : 12;
    let lost = 0;
    for (let round = 0; round < rounds; round += 1) {
      await trial.randomPause(500, 1500);
      for (const proxy of proxies) lost += await loseOneAnswer(trial, proxy);
    }
    for (const statement of MAINTENANCE) {
      await system.sql.unsafe(statement);
      trial.note(statement);
      await trial.randomPause(300, 600);
    }
    trial.repaired();
    await load.stop();
    trial.hadEffect("answers lost", lost, rounds);
    demandSteadyIngest(trial, load);
  },
};

/** Each locks its table against every writer for as long as it runs. */
const MAINTENANCE = [
  "vacuum full web_events",
  "reindex table web_events",
  "vacuum full positions",
  "reindex table positions",
] as const;

/** After a cut it takes a back-off, a connection and a batch until the next write. */
const ANSWER_MS_MAX = 20_000;

/** Cuts all connections when the answer to a write is on its way: then it is committed. */
async function loseOneAnswer({ clock }: Trial, proxy: TcpProxy): Promise<number> {
  let isLost = false;
  proxy.tap((bytes, direction) => {
    if (direction === "up" || !isAnswerToWrite(bytes)) return true;
    isLost = true;
    return false;
  });
  const wasLost = await clock.eventually(() => isLost, ANSWER_MS_MAX);
  proxy.tap(null);
  proxy.set({ kind: "reset" });
  proxy.set({ kind: "pass" });
  return wasLost ? 1 : 0;
}

/** The statement that writes new events selects the partitions that it moved: one digit a row. */
function isAnswerToWrite(bytes: Buffer): boolean {
  const end = bytes.indexOf("SELECT ");
  return end >= LAST_ROW.length + 6 && bytes.subarray(0, end - 6).includes(LAST_ROW);
}

/** A row of one column of one byte, as PostgreSQL sends it. */
const LAST_ROW = Buffer.from([0x44, 0, 0, 0, 11, 0, 1, 0, 0, 0, 1]);

/** Keys on while PostgreSQL is away: ingest goes on with what it knows, also after a start. */
import { isReady } from "../../../system/service.ts";
import { SENDER } from "../../../system/keys.ts";
import type { System } from "../../../system/system.ts";
import type { Fault, Trial } from "../../fault.ts";
import { readLag } from "../../judgement/quiet.ts";

const RATE = 1000;
const READY_MS_MAX = 30_000;
const ROWS_MS_MAX = 120_000;

export const keysWithoutPostgres: Fault = {
  name: "keys-without-postgres",
  title: "keys on, PostgreSQL stopped, ingest killed and started meanwhile",
  isShort: false,
  system: { hasKeys: true },
  async run(trial) {
    const { system, clock } = trial;
    const [ingest] = system.ingests;
    const { postgres } = system.stack;
    await clock.eventually(() => takesEvents(system), READY_MS_MAX);
    const load = trial.load({ eventsPerSecond: RATE });
    await trial.randomPause(1000, 2000);
    await postgres.stop();
    trial.note("PostgreSQL stopped");
    const known = await acknowledgedDuring(trial, load);
    await ingest.kill();
    trial.note("ingest killed");
    await ingest.start();
    const isStarted = await clock.eventually(() => isReady(ingest), READY_MS_MAX);
    trial.demand("ingest started from its file", isStarted);
    const kept = await acknowledgedDuring(trial, load);
    await postgres.start();
    trial.note("PostgreSQL started");
    trial.repaired();
    await load.stop();
    trial.hadEffect("events acknowledged with the keys that were known", known, RATE);
    trial.hadEffect("events acknowledged with the keys of the file", kept, RATE);
    const hasNoLag = async () => (await readLag(system))?.postgres === 0;
    await clock.eventually(hasNoLag, ROWS_MS_MAX);
    await demandSources(trial);
  },
};

/** Events acknowledged within some seconds from now. */
async function acknowledgedDuring(
  trial: Trial,
  load: { readonly counts: { readonly acknowledged: number } },
): Promise<number> {
  const before = load.counts.acknowledged;
  await trial.randomPause(3000, 5000);
  return load.counts.acknowledged - before;
}

/** Whether ingest knows the key: it has learned of it within 5 s of its creation. */
async function takesEvents({ ingests: [ingest], keys }: System): Promise<boolean> {
  const headers = { "content-type": "application/json", ...keys.sendHeaders };
  const empty = { method: "POST", body: "[]", headers };
  const answer = await fetch(`${ingest.url}/events`, empty).catch(() => null);
  return answer?.status === 422;
}

/** Every row carries the name of the key, and the query API finds as many by it. */
async function demandSources({ system, demand }: Trial): Promise<void> {
  const [rows] = await system.sql<[{ all: number; other: number }]>`
    select count(*)::integer as "all",
      (count(*) filter (where source is distinct from ${SENDER}))::integer as other
    from web_events`;
  demand(`rows without the source: ${rows.other} of ${rows.all}`, rows.other === 0);
  const found = await eventsBySource(system);
  demand(`events found by event:source: ${found} of ${rows.all}`, found === rows.all);
}

async function eventsBySource({ processors: [{ url, readHeaders }] }: System): Promise<number> {
  const query = {
    metrics: ["events"],
    date_range: "all",
    filters: [["is", "event:source", [SENDER]]],
  };
  const answer = await fetch(`${url}/api/v2/query`, {
    method: "POST",
    body: JSON.stringify(query),
    headers: { "content-type": "application/json", ...readHeaders },
  });
  const { results } = (await answer.json()) as { results?: { metrics: number[] }[] };
  return results?.[0]?.metrics[0] ?? 0;
}

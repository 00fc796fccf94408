/** I9 and I10: a new event gets through, and nothing is left over. */
import type { MetricsFrame } from "@tally/shared";

import { firstFrame } from "../../driver/frames.ts";
import type { ServiceProcess } from "../../system/service.ts";
import { OBJECT_AGE_MS, servicesOf, type System } from "../../system/system.ts";
import { eventIdOf, sentJson, type RunOfEvents } from "../sending/events.ts";
import type { Broken } from "./judge.ts";
import { countOpenFiles, type Watch } from "../watch.ts";

// In milliseconds of the machine's clock.
const ROW_MS_MAX = 5000;
const STREAM_MS_MAX = 3000;
/** Longest wait after the rotation of the object. */
const ARCHIVE_MS_MAX = 10_000;

/** I9: sends one more event and waits for its row, its frame and its archive line. */
export async function judgeProbe(
  { system, watch: { clock } }: { readonly system: System; readonly watch: Watch },
  run: RunOfEvents,
  number: number,
): Promise<Broken[]> {
  const [ingest] = system.ingests;
  const [processor] = system.processors;
  const eventId = eventIdOf(run, number);
  const rowsBefore = await rowsOf(system);
  const hasRow = ({ writtenTotal }: MetricsFrame) => writtenTotal > rowsBefore;
  const frame = firstFrame(processor, clock.timeout(STREAM_MS_MAX + ROW_MS_MAX), hasRow);
  const body = sentJson(run, number);
  const headers = { "content-type": "application/json", ...system.keys.sendHeaders };
  const request = { method: "POST", body, headers };
  const answer = await fetch(`${ingest.url}/events`, request).catch((error: Error) => error);
  const broken: Broken[] = [];
  const say = (text: string) => broken.push({ invariant: "I9", text: `a new event ${text}` });
  if (answer instanceof Error) say(`got no answer: ${answer.message}`);
  else if (answer.status !== 202) say(`was answered with ${answer.status}`);
  const isRow = await clock.eventually(async () => (await rowsOf(system)) > rowsBefore, ROW_MS_MAX);
  if (!isRow) say(`has no row after ${ROW_MS_MAX} ms`);
  const { reason } = await frame;
  if (reason !== null) say(`is in no frame of the stream after ${STREAM_MS_MAX} ms: ${reason}`);
  const archiveMs = OBJECT_AGE_MS + ARCHIVE_MS_MAX;
  let archive = "";
  const isArchived = async () => (archive = await archiveOf(processor, eventId)) === "stored";
  if (!(await clock.eventually(isArchived, archiveMs))) {
    say(`has no archive line after ${archiveMs} ms: ${archive}`);
  }
  return broken;
}

async function rowsOf({ sql }: System): Promise<number> {
  const [{ rows }] = await sql<[{ rows: number }]>`
    select coalesce(sum(events), 0)::integer as rows from positions where sink = 'postgres'`;
  return rows;
}

/** The state of the event's archive line, or why it is not known. */
async function archiveOf(
  { url, readHeaders: headers }: ServiceProcess,
  eventId: string,
): Promise<string> {
  const traced = fetch(`${url}/events/${eventId}/trace`, { headers });
  const answer = await traced.catch((error: Error) => error);
  if (answer instanceof Error) return answer.message;
  if (answer.status !== 200) return `status ${answer.status}`;
  const { archive } = (await answer.json()) as { archive: { state: string } };
  return archive.state;
}

const MEBIBYTE = 1024 * 1024;
/**
 * Largest resident set of a service, bytes. At rest: the targets of docs/performance.md with
 * some room. At its peak, while it catches up and its buffers fill up (processor: two sinks of six
 * partitions with 8 MiB each and 22 MiB fetched ahead, and the same again while batches are decoded
 * and encoded).
 */
const RESIDENT_BYTES_MAX = {
  ingest: { rest: 250 * MEBIBYTE, peak: 350 * MEBIBYTE },
  processor: { rest: 350 * MEBIBYTE, peak: 550 * MEBIBYTE },
} as const;
/** What each process of an ingest of several, and their supervisor, may have besides. */
const PROCESS_BYTES = 100 * MEBIBYTE; // chosen: 76 MiB each were measured at rest
/** How long the engine may keep unused memory, ms; measured: about ten seconds. */
const REST_MS_MAX = 30_000;
/** Most files, sockets and pipes of a service at rest; chosen, far above its need. */
const OPEN_FILES_MAX = 200;

function residentBytesMax(kind: "ingest" | "processor", { env }: System) {
  const { rest, peak } = RESIDENT_BYTES_MAX[kind];
  const processes = kind === "ingest" ? Number(env.INGEST_PROCESSES) : 1;
  const more = processes > 1 ? processes * PROCESS_BYTES : 0;
  return { rest: rest + more, peak: peak + more };
}

/** I10: no transaction stays open, and no service has grown. */
export async function judgeLeftovers(system: System, watch: Watch): Promise<Broken[]> {
  const broken: Broken[] = [];
  const say = (text: string) => broken.push({ invariant: "I10", text });
  const [{ idle }] = await system.sql<[{ idle: number }]>`
    select count(*)::integer as idle from pg_stat_activity
    where datname = current_database() and state like 'idle in transaction%'`;
  if (idle > 0) say(`${idle} transactions are open and idle`);
  for (const kind of ["ingest", "processor"] as const) {
    const { rest, peak } = residentBytesMax(kind, system);
    const used = (bytes: number) => `${kind} used ${Math.round(bytes / MEBIBYTE)} MiB of memory`;
    if (watch.residentBytesMax(kind) > peak) say(used(watch.residentBytesMax(kind)));
    const comesToRest = await watch.clock.eventually(
      () => watch.residentBytes(kind) <= rest,
      REST_MS_MAX,
    );
    if (!comesToRest) say(`${used(watch.residentBytes(kind))} at rest`);
  }
  for (const { name, pid, crashes } of servicesOf(system)) {
    if (crashes > 0) say(`${name} ended unexpectedly ${crashes} times`);
    const files = await countOpenFiles(pid);
    if (files > OPEN_FILES_MAX) say(`${name} has ${files} files open`);
  }
  return broken;
}

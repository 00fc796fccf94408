/** The command line of `bun run load`: options and help. Pure. */
import {
  readCommandLine,
  type Answer,
  type BareCommand,
  type CommandInfo,
  type CommandLine,
} from "@tally/shared/terminal/command_line";
import { serviceUrl, wholeNumber } from "@tally/shared/terminal/option_values";

/** What to send and where. */
export interface LoadOptions {
  /** Events per second, sent whether answers come or not; 0: as fast as answers come. */
  readonly eventsPerSecond: number;
  readonly seconds: number;
  /** Events in one request; 1: a single event, not an array. */
  readonly batchEvents: number;
  readonly connections: number;
  /** Address of ingest without a path, or null for the one in the configuration. */
  readonly url: string | null;
  /** Longest wait without any new row or archive line, s. */
  readonly waitSeconds: number;
  /** Whether archive lines are counted. */
  readonly archive: boolean;
}

/** Reads the words of the command line. */
export function parseLoadArguments(words: readonly string[]): CommandLine<LoadOptions> {
  return readCommandLine(words, INFO, declareOptions);
}

const RATE_HELP = "events per second; 0 sends as fast as answers come";
const WAIT_HELP = "seconds without any new row or archive line before giving up";

function declareOptions(program: BareCommand, { run }: Answer<LoadOptions>): void {
  program
    .addOption(wholeNumber("--rate <n>", RATE_HELP, { min: 0, max: 1_000_000 }).default(0))
    .addOption(
      wholeNumber("--seconds <n>", "seconds to send for", { min: 1, max: 86_400 }).default(10),
    )
    .addOption(
      wholeNumber("--batch <n>", "events in one request", { min: 1, max: 5000 }).default(1),
    )
    .addOption(
      wholeNumber("--connections <n>", "connections, one request each at a time", {
        min: 1,
        max: 4096,
      }).default(64),
    )
    .addOption(
      serviceUrl("--url <url>", "address of ingest (default: that of the configuration)", 8081),
    )
    .addOption(wholeNumber("--wait <n>", WAIT_HELP, { min: 1, max: 7200 }).default(90))
    .option("--no-archive", "neither wait for archive lines nor count them")
    .action(({ rate, seconds, batch, connections, url = null, wait, archive }) =>
      run({
        eventsPerSecond: rate,
        seconds,
        batchEvents: batch,
        connections,
        url,
        waitSeconds: wait,
        archive,
      }),
    );
}

const INFO: CommandInfo = {
  name: "bun run load",
  summary: "Sends events to ingest, then looks each of them up in the database and in the bucket.",
  examples: [
    ["bun run load", "send single events for 10 s, as fast as answers come"],
    ["bun run load --rate 5000 --seconds 60", "send 5,000 events per second for a minute"],
    ["bun run load --batch 500 --connections 8", "send 500 events in each request"],
  ],
  notes: [
    "With --rate, requests are sent at fixed times whether answers come or not, and latency counts from the intended time. Without it, each connection sends its next request when the last answer has come.",
    'DATABASE_URL, S3_BUCKET_NAME and S3_ENDPOINT name other services than those of "bun run up".',
  ],
  exitCodes: {
    0: "every accepted event is stored and archived once",
    1: "the numbers differ, or the load test could not finish",
    2: "wrong use, or nothing could be sent",
  },
};

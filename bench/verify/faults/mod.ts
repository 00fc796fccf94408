/**
 * Every fault, in the order in which they run. A file lies with what it breaks: `services/`,
 * `kafka/`, `stores/` (PostgreSQL, with the keys in it, and S3) or `events/`. The network lies
 * between several of them.
 */
import type { Fault } from "../fault.ts";
import { duplicateEvents } from "./events/duplicates.ts";
import { unstorableRecords } from "./events/poison.ts";
import { brokerKilled, brokerStopped } from "./kafka/broker.ts";
import { holesInTheLog } from "./kafka/holes.ts";
import { logDeleted } from "./kafka/log_deleted.ts";
import { partitionsAdded } from "./kafka/partitions.ts";
import { brokersLost } from "./kafka/three_brokers.ts";
import { kafkaNetwork, kafkaSlowLink, postgresNetwork } from "./network.ts";
import { clockJumps } from "./services/clock.ts";
import { coldStart } from "./services/cold_start.ts";
import { ingestKilled, ingestProcesses, ingestStopped } from "./services/ingest.ts";
import { processorFrozen, processorKilled, processorsScaled } from "./services/processor.ts";
import { severalOfEach } from "./services/several_of_each.ts";
import { twoGroups } from "./services/two_groups.ts";
import { manyViewers } from "./services/viewers.ts";
import { archiveKilled, s3Failing, s3Stopped } from "./stores/archive.ts";
import { answersLost, databaseFailover } from "./stores/failover.ts";
import { keysWithoutPostgres } from "./stores/keys.ts";
import { postgresRefuses, postgresRestarted, postgresStopped } from "./stores/postgres.ts";

export const FAULTS: readonly Fault[] = [
  ingestKilled,
  ingestStopped,
  ingestProcesses,
  brokerStopped,
  brokerKilled,
  brokersLost,
  kafkaNetwork,
  kafkaSlowLink,
  processorKilled,
  processorFrozen,
  processorsScaled,
  severalOfEach,
  twoGroups,
  partitionsAdded,
  postgresStopped,
  postgresRestarted,
  postgresRefuses,
  postgresNetwork,
  databaseFailover,
  answersLost,
  keysWithoutPostgres,
  archiveKilled,
  s3Stopped,
  s3Failing,
  holesInTheLog,
  logDeleted,
  unstorableRecords,
  duplicateEvents,
  clockJumps,
  coldStart,
  manyViewers,
];

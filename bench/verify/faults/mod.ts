/** Every fault, in the order in which they run. */
import type { Fault } from "../fault.ts";
import { archiveKilled, s3Failing, s3Stopped } from "./archive.ts";
import { brokerKilled, brokerStopped } from "./broker.ts";
import { clockJumps } from "./clock.ts";
import { brokersLost } from "./brokers.ts";
import { coldStart } from "./cold_start.ts";
import { duplicateEvents } from "./duplicates.ts";
import { holesInTheLog } from "./holes.ts";
import { ingestKilled, ingestProcesses, ingestStopped } from "./ingest.ts";
import { keysWithoutPostgres } from "./keys.ts";
import { logDeleted } from "./log_deleted.ts";
import { kafkaNetwork, kafkaSlowLink, postgresNetwork } from "./network.ts";
import { partitionsAdded } from "./partitions.ts";
import { unstorableRecords } from "./poison.ts";
import { answersLost, databaseFailover } from "./failover.ts";
import { postgresRefuses, postgresRestarted, postgresStopped } from "./postgres.ts";
import { processorFrozen, processorKilled, processorsScaled } from "./processor.ts";
import { severalOfEach } from "./several.ts";
import { twoGroups } from "./two_groups.ts";
import { manyViewers } from "./viewers.ts";

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

/** Every fault, in the order in which they run. */
import type { Fault } from "../trial.ts";
import { brokerKilled, brokerStopped } from "./broker.ts";
import { ingestKilled, ingestStopped } from "./ingest.ts";
import { processorFrozen, processorKilled, processorsScaled } from "./processor.ts";

export const FAULTS: readonly Fault[] = [
  ingestKilled,
  ingestStopped,
  brokerStopped,
  brokerKilled,
  processorKilled,
  processorFrozen,
  processorsScaled,
];

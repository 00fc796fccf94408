/** All families of figures, in the order in which they run. */
import type { Family } from "../figure.ts";
import { DRAIN } from "./drain.ts";
import { FIXED_RATE } from "./fixed_rate.ts";
import { BATCHES, INGEST_ALONE, SINGLES } from "./http.ts";
import { IDLE } from "./idle.ts";
import { KEYS_COST } from "./keys_cost.ts";
import { NOISY_KEY } from "./noisy_key.ts";
import { OVERLOAD } from "./overload.ts";
import { PAGE_COST } from "./page_cost.ts";
import { SUSTAINED } from "./sustained.ts";
import { VIEWERS_COST } from "./viewers_cost.ts";

export const FAMILIES: readonly Family[] = [
  DRAIN,
  SINGLES,
  INGEST_ALONE,
  BATCHES,
  FIXED_RATE,
  SUSTAINED,
  KEYS_COST,
  OVERLOAD,
  NOISY_KEY,
  VIEWERS_COST,
  PAGE_COST,
  IDLE,
];

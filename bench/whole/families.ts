/** All families of figures, in the order in which they run. */
import { DRAIN } from "./drain.ts";
import type { Family } from "./figure.ts";

export const FAMILIES: readonly Family[] = [DRAIN];

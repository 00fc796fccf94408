/** What a page of a user loads: Segment's SDK as its package has it, for the test to call. */
import { AnalyticsBrowser } from "@segment/analytics-next";

Object.assign(globalThis, { AnalyticsBrowser });

/** PostgreSQL: pools, and what their failures mean. The only place that knows postgres.js. */
export * from "./connect.ts";
export * from "./failure.ts";
export { POOLER_REMEDY } from "./refusals.ts";

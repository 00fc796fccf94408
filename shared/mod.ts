/**
 * The vocabulary of Tally: what services import, and nothing deeper. The Kafka
 * client is `@tally/shared/kafka`.
 */
export * from "./accepted_event.ts";
export * from "./backoff.ts";
export * from "./clock.ts";
export * from "./process/command.ts";
export * from "./config/config.ts";
export type * from "./config/database_target.ts";
export * from "./config/database_url.ts";
export * from "./config/host_name.ts";
export * from "./config/ingest_processes.ts";
export * from "./config/network.ts";
export * from "./config/secret.ts";
export * from "./config/sections.ts";
export * from "./http/body_text.ts";
export * from "./http/client_address.ts";
export * from "./http/connection.ts";
export * from "./http/content_encoding.ts";
export * from "./http/content_type.ts";
export * from "./http/cors.ts";
export * from "./error.ts";
export * from "./event.ts";
export * from "./process/file_lock.ts";
export * from "./frame.ts";
export * from "./http/health.ts";
export * from "./json.ts";
export * from "./latency.ts";
export * from "./config/local_services.ts";
export * from "./log.ts";
export * from "./metrics.ts";
export * from "./metrics_sum.ts";
export * from "./http/openapi.ts";
export * from "./http/problem.ts";
export * from "./record.ts";
export * from "./record_headers.ts";
export * from "./http/host_rule.ts";
export * from "./http/request_guard.ts";
export * from "./process/run_service.ts";
export * from "./timestamp.ts";
export * from "./wait.ts";

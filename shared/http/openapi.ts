/** Parts of OpenAPI documents that both services build theirs from. */
import type { ErrorCode } from "../error.ts";
import { describeProblems } from "./problem.ts";

/** A JSON Schema of OpenAPI 3.1. */
export type Schema = Readonly<Record<string, unknown>>;

/** What every route may answer, whatever it does. */
export const EVERY_ROUTE = [
  "invalid_host",
  "proxied_without_keys",
  "not_found",
  "method_not_allowed",
  "host_not_allowed",
  "internal",
] as const satisfies readonly ErrorCode[];

export const TEXT: Schema = { type: "string" };
/** A time in the form in which every time is printed. */
export const TIME: Schema = { type: "string", format: "date-time" };
export const COUNT: Schema = { type: "integer", minimum: 0 };
export const NUMBER: Schema = { type: "number" };
/** A 64-bit number, as text. */
export const OFFSET: Schema = { type: "string", pattern: "^[0-9]+$" };
export const FLAG: Schema = { type: "boolean" };
/** Any JSON value. */
export const ANY: Schema = {};

/** The same, or null. */
export function nullable(schema: Schema): Schema {
  if (typeof schema["type"] === "string") return { ...schema, type: [schema["type"], "null"] };
  return { anyOf: [schema, { type: "null" }] };
}

export function arrayOf(items: Schema): Schema {
  return { type: "array", items };
}

/** An object that has all of these properties, and perhaps the optional ones. */
export function objectOf(
  properties: Record<string, Schema>,
  optional: Record<string, Schema> = {},
) {
  return {
    type: "object",
    required: Object.keys(properties),
    properties: { ...properties, ...optional },
  } satisfies Schema;
}

/** An object of any keys with values of one form. */
export function mapOf(values: Schema): Schema {
  return { type: "object", additionalProperties: values };
}

/** A named schema of the document. */
export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** One response. */
export function response(description: string, schema: Schema, type = "application/json"): Schema {
  return { description, content: { [type]: { schema } } };
}

/** The problems that an operation may answer with, its own and those of every route. */
export function problems(codes: readonly ErrorCode[] = []): Record<string, object> {
  return describeProblems([...new Set([...EVERY_ROUTE, ...codes])]);
}

/** Answers of the health routes. */
export const HEALTH_SCHEMAS: Readonly<Record<string, Schema>> = {
  Health: objectOf({ status: { type: "string", enum: ["UP", "DOWN"] } }, { reason: TEXT }),
  ComponentHealth: objectOf({ status: TEXT }, { details: { type: "object" } }),
  ActuatorHealth: objectOf({
    status: { type: "string", enum: ["UP", "DOWN"] },
    components: mapOf(ref("ComponentHealth")),
  }),
};

/** Where a key may stand in the headers. */
export const KEY_SCHEMES = {
  bearer: { type: "http", scheme: "bearer", description: "A key" },
  apiKey: { type: "apiKey", in: "header", name: "X-Api-Key", description: "A key" },
  basic: { type: "http", scheme: "basic", description: "A key as the user name" },
} as const;

/** What an operation that asks for a key says, and one that asks for none while keys are off. */
export function keySecurity(keysOn: boolean): readonly object[] {
  return [...(keysOn ? [] : [{}]), ...Object.keys(KEY_SCHEMES).map((name) => ({ [name]: [] }))];
}

/** The codes of an operation that asks for a key. */
export const KEY_CODES = [
  "key_missing",
  "key_unknown",
  "key_scope",
  "keys_unavailable",
] as const satisfies readonly ErrorCode[];

/** The operations that both services have, by path. */
export function describeViews(readyMeans: string): Readonly<Record<string, Schema>> {
  const view = (operationId: string, summary: string, responses: object): Schema => ({
    get: { operationId, summary, responses: { ...responses, ...problems() } },
  });
  const health = (summary: string, name: string) => ({
    "200": response(summary, ref(name)),
    "503": response("The service should get no requests now", ref(name)),
  });
  const live = { "200": response("The process runs", ref("Health")) };
  const document = { "200": response("This document", { type: "object" }) };
  const metrics = { "200": response("Prometheus' text form", TEXT, "text/plain") };
  return {
    "/health/live": view("getLive", "The process runs", live),
    "/health/ready": view("getReady", readyMeans, health(readyMeans, "Health")),
    "/actuator/health": view(
      "getActuatorHealth",
      "Every dependency by name",
      health("Every dependency is up", "ActuatorHealth"),
    ),
    "/metrics": view("getMetrics", "Metrics in Prometheus' text form", metrics),
    "/openapi.json": view("getOpenApi", "This document", document),
  };
}

/** Checks a body against its TypeBox schema, and says what is allowed where it differs. Pure. */
import type { Static, TSchema } from "@sinclair/typebox";
import { Value, type ValueError } from "@sinclair/typebox/value";
import { refused, type Refused } from "./refused.ts";

/** The body with its type, or the first field that is wrong. */
export function checkForm<S extends TSchema>(schema: S, body: unknown): Static<S> | Refused {
  if (Value.Check(schema, body)) return body;
  const error = Value.Errors(schema, body).First();
  if (error === undefined) return refused("invalid_query", "", "Allowed: a JSON object");
  // The name of a field that is not known is the sender's: it is not repeated.
  const isUnknown = error.message === "Unexpected property";
  const pointer = isUnknown ? parentOf(error.path) : error.path;
  return refused("invalid_query", pointer, hintOf(schema, error, isUnknown));
}

function parentOf(pointer: string): string {
  return pointer.slice(0, pointer.lastIndexOf("/"));
}

function hintOf(schema: TSchema, error: ValueError, isUnknown: boolean): string {
  const { description } = error.schema;
  if (description !== undefined) return `Allowed: ${description}`;
  if (isUnknown) {
    const names = Object.keys((schema["properties"] as object | undefined) ?? {});
    return `Allowed fields: ${names.join(", ")}`;
  }
  return `Allowed: ${error.message.replace(/^Expected /, "")}`;
}

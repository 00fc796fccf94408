/**
 * Step 0 of a request with CloudEvents: its mode, by the rules of the HTTP binding. The content
 * type says structured or batched; any other type is that of the data of one event in binary mode.
 */
import { readEncoding, readMediaType } from "@tally/shared";
import { asksMinimal, isIdempotencyKey } from "../events/request_head.ts";
import type { AnswerHead } from "../events/answer.ts";
import { refuse, type Refusal } from "../form/refusal.ts";
import { readAttributeHeaders, type AttributeTexts } from "./attribute_headers.ts";

/** What the body is. */
export type Mode =
  | { readonly kind: "structured" | "batched" }
  | {
      readonly kind: "binary";
      readonly attributes: AttributeTexts;
      /** Whether the data is JSON; it is text otherwise. */
      readonly isJson: boolean;
    };

/** The headers that matter, read. */
export interface CloudEventsHead extends AnswerHead {
  readonly mode: Mode;
}

const STRUCTURED_OR_BATCHED = /^\s*application\/cloudevents/i;
/** By the specification no type means JSON, and so does a subtype that ends in `+json`. */
const JSON_DATA = /^(?:|[^/]+\/(?:[^/]+\+)?json)$/;
/** Data that is kept as a string. XML is text in the JSON format, too. */
const TEXT_DATA = /^(?:text\/[^/]+|[^/]+\/(?:[^/]+\+)?xml)$/;

/** Whether the headers are those of CloudEvents: else the request is one of plain events. */
export function isCloudEvents(headers: Headers): boolean {
  const type = headers.get("content-type");
  if (type !== null && STRUCTURED_OR_BATCHED.test(type)) return true;
  // Every CloudEvent has this attribute, so one look is enough for a plain event.
  return headers.has("ce-specversion");
}

/** Reads the headers; refuses data that is neither JSON nor text. */
export function readHead(headers: Headers): CloudEventsHead | Refusal {
  const mode = readMode(headers);
  if (mode.kind === "refused") return mode;
  const encoding = readEncoding(headers.get("content-encoding"));
  if (encoding === null) return refuse("unsupported_encoding");
  // The key is not used, because every CloudEvent has an id; a bad one is an error all the same.
  if (!isIdempotencyKey(headers.get("idempotency-key"))) return refuse("invalid_parameter");
  return { kind: "head", mode, encoding, isMinimal: asksMinimal(headers) };
}

function readMode(headers: Headers): Mode | Refusal {
  const type = readMediaType(headers.get("content-type"));
  if (type === "application/cloudevents+json") return { kind: "structured" };
  if (type === "application/cloudevents-batch+json") return { kind: "batched" };
  if (type === null || STRUCTURED_OR_BATCHED.test(type)) return refuse("unsupported_type");
  const isJson = JSON_DATA.test(type);
  if (!isJson && !TEXT_DATA.test(type)) return refuse("unsupported_type");
  const attributes = readAttributeHeaders(headers);
  if (attributes.kind === "attributes") return { kind: "binary", attributes, isJson };
  return { kind: "refused", code: attributes.code, pointer: attributes.pointer };
}

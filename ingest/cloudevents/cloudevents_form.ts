/** The form of CloudEvents on `POST /events`: each is translated, judged and answered as others. */
import { isUtf8 } from "node:buffer";
import { hasBadNumber, hasSuspiciousNumber, type RawEvent } from "@tally/shared";
import { judgeJson } from "../events/accept.ts";
import { acceptedResponse } from "../events/answer.ts";
import { readJson } from "../form/json_body.ts";
import { refusalResponse, refuse, type Refusal } from "../form/refusal.ts";
import type { ParsedBody, RequestForm } from "../form/request_form.ts";
import {
  createJudge,
  type Judge,
  type JudgeContext,
  type Translation,
  type Verdicts,
} from "../form/verdicts.ts";
import { judgeCloudEvent } from "./judge.ts";
import { readHead, type CloudEventsHead, type Mode } from "./request_head.ts";

export const CLOUD_EVENTS_FORM: RequestForm<CloudEventsHead> = {
  readHead: ({ headers }) => readHead(headers),
  mayHoldKey: () => false,
  parse: (body, { mode }) => readCloudEvents(body, mode),
  answer: (outcome, requestId) =>
    outcome.kind === "refused"
      ? refusalResponse(outcome, requestId)
      : acceptedResponse(outcome, requestId),
};

/** Reads a body, or refuses it as a whole. */
function readCloudEvents(body: Buffer, mode: Mode): ParsedBody | Refusal {
  if (mode.kind === "binary") return readBinary(body, mode);
  const json = readJson(body);
  if (json?.value === undefined) return refuse("invalid_body");
  if (mode.kind === "structured") return single(json.value, json.text);
  if (!Array.isArray(json.value)) return refuse("invalid_body");
  const judge = (context: JudgeContext) => judgeJson(json, context, judgeOf(context, false));
  return { kind: "parsed", writeKey: null, judge };
}

/** The body is the data of one event; an empty one is an event without data. */
function readBinary(
  body: Buffer,
  { attributes, isJson }: Extract<Mode, { kind: "binary" }>,
): ParsedBody | Refusal {
  const { kind: _, ...others } = attributes;
  if (body.length === 0) return single(others, "");
  if (!isJson) {
    return isUtf8(body) ? single({ ...others, data: body.toString() }, "") : refuse("invalid_body");
  }
  const json = readJson(body);
  if (json?.value === undefined) return refuse("invalid_body");
  return single({ ...others, data: json.value }, json.text);
}

/** A body of one event. The text is the JSON that its numbers come from. */
function single(raw: RawEvent, text: string): ParsedBody {
  const judge = (context: JudgeContext): Verdicts => {
    const verdicts = judgeOf(context, true);
    verdicts.take(raw, hasSuspiciousNumber(text) && hasBadNumber(text, 0, text.length));
    return verdicts;
  };
  return { kind: "parsed", writeKey: null, judge };
}

const TRANSLATION: Translation = { judgeEvent: judgeCloudEvent, typePointer: "/type" };

function judgeOf(context: JudgeContext, isSingle: boolean): Judge {
  return createJudge({ ...context, translation: TRANSLATION }, isSingle, neverMade);
}

function neverMade(): string {
  throw new Error("Cannot make an event id: a CloudEvent has one, wanted is its own");
}

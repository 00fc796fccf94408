/** Each answer of ingest, as the form sees it. */
import { expect, test } from "bun:test";
import { type Fetch, sendEvent, type Sent } from "./send_event.ts";

const event = { sessionId: "s-1", eventType: "page_view", payload: '{"path":"/home"}' };
const ingestUrl = "http://ingest.example";

function send(answer: () => Promise<Response>): Promise<Sent> {
  return sendEvent(event, { ingestUrl, fetch: answer });
}

test("sendEvent() sends the payload as it was typed", async () => {
  const seen: { url: string; options: RequestInit }[] = [];
  const fetch: Fetch = async (url, options) => {
    seen.push({ url, options });
    return Response.json({}, { status: 202 });
  };

  await sendEvent(event, { ingestUrl, fetch });

  expect(seen[0]?.url).toBe("http://ingest.example/events");
  expect(seen[0]?.options.method).toBe("POST");
  expect(JSON.parse(String(seen[0]?.options.body))).toEqual(event);
});

test("sendEvent() says where the event is when it was accepted", async () => {
  const body = { eventId: "e-1", partition: 3, offset: "9007199254740993" };

  expect(await send(async () => Response.json(body, { status: 202 }))).toEqual({
    kind: "accepted",
    ...body,
  });
});

test("sendEvent() keeps the reason when the event was rejected", async () => {
  const problem = {
    title: "A field has the wrong type, length or characters",
    code: "field_invalid",
    pointer: "/sessionId",
    requestId: "r-1",
  };
  const answer = async () =>
    Response.json(problem, {
      status: 422,
      headers: { "content-type": "application/problem+json" },
    });

  expect(await send(answer)).toEqual({ kind: "rejected", status: 422, ...problem });
});

test("sendEvent() shows the status alone when the answer is no problem document", async () => {
  const bodies = ["<html>", "null", '"text"', "{}"];

  for (const body of bodies) {
    const sent = await send(async () => new Response(body, { status: 502 }));
    expect(sent).toMatchObject({ kind: "rejected", status: 502, code: null });
  }
});

test("sendEvent() does not call it accepted when the answer lacks the position", async () => {
  const sent = await send(async () => Response.json({ eventId: "e-1" }, { status: 202 }));

  expect(sent.kind).toBe("rejected");
});

test("sendEvent() does not call it accepted when the status is not 202", async () => {
  const body = { eventId: "e-1", partition: 3, offset: "7" };

  expect(await send(async () => Response.json(body))).toMatchObject({ kind: "rejected" });
});

test("sendEvent() reports that there was no answer when the request fails", async () => {
  const failed = await send(() => Promise.reject(new TypeError("Failed to fetch")));
  const late = await send(() => Promise.reject(new DOMException("late", "TimeoutError")));

  expect(failed).toMatchObject({ kind: "unanswered" });
  expect(JSON.stringify(failed)).toContain("can't be reached");
  expect(JSON.stringify(late)).toContain("within 15 s");
});

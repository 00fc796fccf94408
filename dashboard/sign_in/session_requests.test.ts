import { describe, expect, test } from "bun:test";
import { signIn, signOut, type Place } from "./session_requests.ts";

const SESSION = { keysOn: true, name: "ops", scopes: ["read"], expiresAt: "2026-01-31T19:00:00Z" };

/** A processor that gives one answer, and what it was asked. */
function answering(response: () => Response): Place & { readonly asked: unknown[] } {
  const asked: unknown[] = [];
  return {
    asked,
    path: "/tally/",
    fetch: async (url, { method, headers, body }) => {
      const type = new Headers(headers).get("content-type");
      asked.push([url, method, type, JSON.parse(String(body))]);
      return response();
    },
  };
}

const problem = (status: number, code: string, headers = {}) =>
  answering(() => Response.json({ code, title: `Title of ${code}` }, { status, headers }));

describe("signIn()", () => {
  test("signIn() sends the key and the page's path, and gives the session", async () => {
    const place = answering(() => Response.json(SESSION));

    const outcome = await signIn("tally_x", place);

    expect(outcome).toMatchObject({ kind: "signed_in", session: SESSION });
    const body = { key: "tally_x", path: "/tally/" };
    expect(place.asked).toEqual([["api/session", "POST", "application/json", body]]);
  });

  test.each([
    [problem(401, "key_unknown"), "There is no such key, or it was revoked."],
    [problem(403, "key_scope"), /may only send events/],
    [problem(429, "sign_in_limited", { "retry-after": "37" }), /Try again in 37 seconds/],
    [problem(503, "keys_unavailable"), "Title of keys_unavailable."],
    [answering(() => new Response("<html>", { status: 502 })), /can't be reached/],
    [answering(() => Response.json({}, { status: 500 })), "The answer has the status 500."],
    [{ path: "/", fetch: () => Promise.reject(new TypeError("no")) }, /can't be reached/],
  ])("signIn() says why a key is refused (%#)", async (place, why) => {
    const outcome = await signIn("tally_x", place);

    expect(outcome).toMatchObject({ kind: "refused", why: expect.stringMatching(why) });
  });
});

describe("signOut()", () => {
  test("signOut() gives the session of nobody", async () => {
    const nobody = { keysOn: true, name: null, scopes: [], expiresAt: null };
    const place = answering(() => Response.json(nobody));

    expect(await signOut(place)).toMatchObject(nobody);
    const asked = ["api/session", "DELETE", "application/json", { path: "/tally/" }];
    expect(place.asked).toEqual([asked]);
  });

  test("signOut() is null when the session could not be ended", async () => {
    expect(await signOut(problem(503, "database_unavailable"))).toBeNull();
  });
});

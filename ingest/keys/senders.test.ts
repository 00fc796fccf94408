import { describe, expect, test } from "bun:test";
import { createKeySet } from "@tally/shared/keys/testing";
import type { ErrorCode } from "@tally/shared";
import { ANY_SENDERS, createSenders } from "./senders.ts";

const PAGE = "https://shop.example";
const { set, texts } = createKeySet(
  { name: "server" },
  { name: "page", origins: [PAGE] },
  { name: "eyes", scopes: ["read"] },
  { name: "both", scopes: ["write", "read"] },
);
const [server = "", page = "", eyes = "", both = ""] = texts;
const senders = createSenders(() => set);
const bearer = (key: string, more: Record<string, string> = {}) =>
  new Headers({ authorization: `Bearer ${key}`, ...more });

describe("createSenders()", () => {
  test("byHeaders() is the key's sender when the key may write", () => {
    const sender = senders.byHeaders(bearer(server));

    expect(sender).toMatchObject({ kind: "sender", source: "server", key: { name: "server" } });
  });

  test.each([
    ["nothing", {}],
    ["the sign-in of a proxy in front", { authorization: `Basic ${btoa("staging:pw")}` }],
    ["the token of another service", { authorization: "Bearer me" }],
  ])("byHeaders() is null when the headers hold %s", (_, headers) => {
    expect(senders.byHeaders(new Headers(headers))).toBeNull();
  });

  const refused: [title: string, headers: Headers, code: ErrorCode][] = [
    ["a key that is not known", bearer(`tally_${"A".repeat(43)}`), "key_unknown"],
    ["a key that only reads", bearer(eyes), "key_scope"],
    [
      "a page of another origin",
      bearer(page, { origin: "https://x.example" }),
      "origin_not_allowed",
    ],
    ["a page without an origin of its own", bearer(page, { origin: "null" }), "origin_not_allowed"],
  ];
  test.each(refused)("byHeaders() refuses %s", (_, headers, code) => {
    expect(senders.byHeaders(headers)).toEqual({ kind: "refused", code });
  });

  test.each([
    ["a page of the key's origin", bearer(page, { origin: PAGE }), "page"],
    ["a program without an origin", bearer(page), "page"],
    ["any page when the key is bound to none", bearer(server, { origin: PAGE }), "server"],
    ["a key that may do more than write", bearer(both), "both"],
  ])("byHeaders() takes %s", (_, headers, source) => {
    expect(senders.byHeaders(headers)).toMatchObject({ source });
  });

  test("byBody() takes a key that only writes, and no other", () => {
    const none = new Headers();

    expect(senders.byBody(server, none)).toMatchObject({ source: "server" });
    expect(senders.byBody(null, none)).toMatchObject({ code: "key_missing" });
    expect(senders.byBody(null, bearer("me"))).toMatchObject({ code: "key_unknown" });
    expect(senders.byBody(server, bearer("me"))).toMatchObject({ source: "server" });
    expect(senders.byBody("me", none)).toMatchObject({ code: "key_unknown" });
    expect(senders.byBody(eyes, none)).toMatchObject({ code: "key_scope" });
    expect(senders.byBody(both, none)).toMatchObject({ code: "key_scope" });
    expect(senders.byBody(page, new Headers({ origin: "null" }))).toMatchObject({
      code: "origin_not_allowed",
    });
  });

  test("refuseReader() lets in a key that reads, and no other", () => {
    expect(senders.refuseReader(bearer(eyes))).toBeNull();
    expect(senders.refuseReader(bearer(both))).toBeNull();
    expect(senders.refuseReader(bearer(server))).toMatchObject({ code: "key_scope" });
    expect(senders.refuseReader(bearer("me"))).toMatchObject({ code: "key_unknown" });
    expect(senders.refuseReader(new Headers())).toMatchObject({ code: "key_missing" });
  });

  test("allowsOrigin() is true for the origins of keys that write", () => {
    expect(senders.allowsOrigin(PAGE)).toBe(true);
    expect(senders.allowsOrigin("https://x.example")).toBe(false);
  });

  test("refuses with keys_unavailable while no keys are known", () => {
    const blind = createSenders(() => null);

    expect(blind.byHeaders(bearer(server))).toMatchObject({ code: "keys_unavailable" });
    expect(blind.byBody(server, new Headers())).toMatchObject({ code: "keys_unavailable" });
    expect(blind.refuseReader(bearer(eyes))).toMatchObject({ code: "keys_unavailable" });
    expect(blind.byHeaders(new Headers())).toBeNull();
    expect(blind.allowsOrigin(PAGE)).toBe(false);
  });
});

test("ANY_SENDERS takes everybody and knows nobody", () => {
  expect(ANY_SENDERS.byHeaders(new Headers())).toMatchObject({ source: null, key: null });
  expect(ANY_SENDERS.refuseReader(new Headers())).toBeNull();
});

import { afterAll, beforeAll, expect, test } from "bun:test";
import { createAsk } from "./client.ts";

let server: Bun.Server<undefined>;

beforeAll(() => {
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch({ headers }) {
      const key = headers.get("authorization");
      if (key !== null) return Response.json({ key, type: headers.get("content-type") });
      return Response.json({ code: "key_missing", title: "A key is needed" }, { status: 401 });
    },
  });
});
afterAll(() => server.stop(true));

test("createAsk() presents the key in a header", async () => {
  const ask = createAsk(server.url.origin, "tally_x");

  expect(await ask<object>("POST", "/", {})).toEqual({
    key: "Bearer tally_x",
    type: "application/json",
  });
});

test("createAsk() names TALLY_KEY when the processor wants a key", async () => {
  const ask = createAsk(server.url.origin, null);

  expect(ask("GET", "/")).rejects.toThrow(
    "Cannot GET /: A key is needed (key_missing, status 401)\nSet TALLY_KEY to a key that may do this.",
  );
});

import { expect, test } from "bun:test";
import { endsConnection } from "./connection.ts";

test.each([
  [{}, 202, false],
  [{ "content-length": "0" }, 202, false],
  [{ "content-length": "67108864" }, 413, false],
  [{ "content-length": "67108865" }, 413, true],
  [{ "transfer-encoding": "chunked" }, 202, true],
  [{ "transfer-encoding": "chunked" }, 422, true],
  [{ "transfer-encoding": "chunked" }, 413, false],
  [{ "transfer-encoding": "chunked" }, 503, false],
])("endsConnection() of %j and status %i is %p", (headers, status, expected) => {
  const request = new Request("http://a/", { method: "POST" });
  for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);

  expect(endsConnection(request, new Response(null, { status }))).toBe(expected);
});

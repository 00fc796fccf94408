import { expect, test } from "bun:test";
import { endsConnection } from "./connection.ts";

test.each([
  [{}, false],
  [{ "content-length": "0" }, false],
  [{ "content-length": "67108864" }, false],
  [{ "content-length": "67108865" }, true],
  [{ "transfer-encoding": "chunked" }, true],
])("endsConnection(%p) is %p", (headers, expected) => {
  const request = new Request("http://a/", { method: "POST" });
  for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);

  expect(endsConnection(request)).toBe(expected);
});

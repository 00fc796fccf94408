import { expect, test } from "bun:test";
import { endsConnection, noteBodyRead } from "./connection.ts";

test.each([
  [{}, true, false],
  [{ "content-length": "2" }, true, false],
  [{ "content-length": "67108864" }, false, false],
  [{ "content-length": "67108865" }, false, true],
  [{ "transfer-encoding": "chunked" }, true, true],
  [{ "transfer-encoding": "chunked" }, false, false],
])("endsConnection() of %j whose body was read (%p) is %p", (headers, isRead, expected) => {
  const request = new Request("http://a/", { method: "POST" });
  for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
  if (isRead) noteBodyRead(request);

  expect(endsConnection(request)).toBe(expected);
});

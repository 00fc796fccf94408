import { describe, expect, test } from "bun:test";
import { refuse } from "../form/refusal.ts";
import { readHead } from "./request_head.ts";

const read = (headers: Record<string, string>) =>
  readHead(new Headers({ "content-type": "application/json", ...headers }));

describe("readHead()", () => {
  test.each([
    ["application/json", "json"],
    ["Application/JSON", "json"],
    ["application/json; charset=utf-8", "json"],
    ['application/json;charset="UTF-8"', "json"],
    ["application/json;charset=utf8", "json"],
    ["application/json; charset=UTF8", "json"],
    ["application/json; charset=Utf_8", "json"],
    ["application/json; charset='utf-8'", "json"],
    ['application/json ; Charset = "utf8" ', "json"],
    ["application/json; charset=utf-8; charset=utf-8", "json"],
    ["application/json; charset=utf-8, application/json", "json"],
    ["application/json, application/json", "json"],
    ["application/json;", "json"],
    ["application/json; charset=", "json"],
    ['application/json; profile="a;b,c;charset=latin1"; v=2', "json"],
    ["text/plain", "json"],
    ["text/plain;charset=UTF-8", "json"],
    ["application/x-ndjson", "ndjson"],
    ["application/ndjson", "ndjson"],
    ["application/jsonl", "ndjson"],
    ["application/x-jsonl", "ndjson"],
    ["application/x-jsonlines", "ndjson"],
    ["application/jsonlines", "ndjson"],
    [" APPLICATION/JSONL ; charset=utf8", "ndjson"],
    ["application/x-ndjson ; charset=utf-8", "ndjson"],
  ] as const)("takes %s", (header, type) => {
    expect(read({ "content-type": header })).toMatchObject({ type });
  });

  test.each([
    "",
    " ",
    ",",
    "text/html",
    "text/json",
    "application/jsonx",
    "application/xndjson",
    "x-application/json",
    "application/json; charset=utf-16",
    "application/json; charset=utf-8; charset=latin1",
    "application/json; charset=utf-8, application/json; charset=latin1",
    "text/plain; charset=iso-8859-1",
    "application/json, text/plain",
    "application/json, application/x-ndjson",
  ])("refuses the type %j", (header) => {
    expect(read({ "content-type": header })).toEqual(refuse("unsupported_type"));
  });

  test("refuses a body without a type", () => {
    expect(readHead(new Headers())).toEqual(refuse("unsupported_type"));
  });

  test.each([
    ["gzip", "gzip"],
    ["X-GZIP", "gzip"],
    ["zstd", "zstd"],
    ["identity", "identity"],
  ] as const)("takes the encoding %s", (header, encoding) => {
    expect(read({ "content-encoding": header })).toMatchObject({ encoding });
  });

  test.each(["", "br", "deflate", "gzip, zstd"])("refuses the encoding %j", (header) => {
    expect(read({ "content-encoding": header })).toEqual(refuse("unsupported_encoding"));
  });

  test.each(["k", "a b", "x".repeat(255), '"quoted"'])("takes the idempotency key %j", (key) => {
    expect(read({ "idempotency-key": key })).toMatchObject({ idempotencyKey: key });
  });

  test.each(["", "x".repeat(256), "ä"])("refuses the idempotency key %j", (key) => {
    expect(read({ "idempotency-key": key })).toEqual(refuse("invalid_parameter"));
  });

  test.each([
    ["return=minimal", true],
    ["wait=10, RETURN=MINIMAL", true],
    ["return=representation", false],
    ["noreturn=minimal", false],
    ["return=minimally", false],
  ])("reads the preference %s", (prefer, isMinimal) => {
    expect(read({ prefer })).toMatchObject({ isMinimal });
  });
});

test("readHead() reads a long type in time that grows with its length", () => {
  const before = process.cpuUsage();
  for (const part of ['"', '\\"', "; ", ";charset=", ';charset="', "a,", "="]) {
    read({ "content-type": `x${part.repeat(16_000 / part.length)}` });
  }
  // CPU time: a machine that stands still does not make it quadratic.
  expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
});

/** What a failed call to the store says: the cause in plain words, once. */
import { expect, test } from "bun:test";
import type { StorePlace } from "./refusals.ts";
import { storeError } from "./store_error.ts";

const PLACE: StorePlace = {
  bucket: "b",
  region: "us-east-1",
  endpoint: null,
  keyPrefix: "events",
  encryption: null,
};
const CALL = { action: "list", what: 'reach bucket "b"' } as const;

test.each([
  [
    "ECONNREFUSED",
    "ECONNREFUSED: Unable to connect. Is the computer able to access the url?",
    "nothing answers there (ECONNREFUSED)",
  ],
  ["ENOTFOUND", "getaddrinfo ENOTFOUND s3.example", "there is no such host (ENOTFOUND)"],
  ["ENEW", "ENEW: something else", "ENEW: something else"],
  ["ENEW", "something else", "ENEW, something else"],
])("storeError() says %s once, as %j", (code, message, reason) => {
  const error = Object.assign(new TypeError(message), { code });

  const { code: meaning, message: words } = storeError(error, CALL, PLACE);

  expect([meaning, words]).toEqual(["archive_unavailable", `Cannot reach bucket "b": ${reason}`]);
});

import { expect, test } from "bun:test";
import { bareText, generateTypes } from "./client_types.ts";

test('generateTypes() makes what is kept (else run "bun run doc")', async () => {
  for (const { path, text } of await generateTypes()) {
    expect(bareText(await Bun.file(path).text())).toBe(bareText(text));
  }
});

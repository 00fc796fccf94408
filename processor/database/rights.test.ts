/** The rights in the code, in the migrations and in the documents are the same. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { TABLE_RIGHTS } from "./rights.ts";

const OPERATIONS = join(import.meta.dir, "..", "..", "docs", "operations.md");

test("TABLE_RIGHTS has every table that the migrations make", async () => {
  const folder = join(import.meta.dir, "migrations");
  const names = [...new Bun.Glob("*.sql").scanSync(folder)];
  const texts = await Promise.all(names.map((name) => Bun.file(join(folder, name)).text()));
  const made = texts.flatMap((text) =>
    [...text.matchAll(/create table (\w+)/g)].map(([, table = ""]) => table),
  );

  expect(Object.keys(TABLE_RIGHTS).sort()).toEqual([...made, "schema_migrations"].sort());
});

test("docs/operations.md grants exactly the rights of TABLE_RIGHTS", async () => {
  const text = await Bun.file(OPERATIONS).text();
  const granted = Object.fromEntries(
    [...text.matchAll(/^grant (.+) on (tally\..+) to tally;$/gm)].flatMap(
      ([, privileges = "", tables = ""]) =>
        tables.split(", ").map((table) => [table.replace("tally.", ""), privileges.split(", ")]),
    ),
  );

  expect<unknown>(granted).toEqual(TABLE_RIGHTS);
});

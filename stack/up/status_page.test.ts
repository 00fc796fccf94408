import { expect, test } from "bun:test";
import { join } from "node:path";

import { statusPage, withoutPassword } from "./status_page.ts";

const STATUS = {
  dashboardUrl: "http://localhost:8082/",
  ingestUrl: "http://localhost:8081",
  kafka: "127.0.0.1:9092, topic events",
  postgres: "postgres://postgres:postgres@127.0.0.1:55432/eventsdb",
  s3: "http://127.0.0.1:9000, bucket tally-events",
  dataFolder: "/home/me/tally/.data",
  logsFolder: "/home/me/tally/.data/logs",
  seconds: 5.25,
  keysOn: false,
};

test("statusPage() shows every address, where the data lies and a curl to try", () => {
  const page = Bun.stripANSI(statusPage(STATUS));

  for (const text of [
    "http://localhost:8082/",
    "http://localhost:8081/events",
    "127.0.0.1:9092",
    "127.0.0.1:55432",
    "127.0.0.1:9000",
    "/home/me/tally/.data",
    "curl -s http://localhost:8081/events",
    "Ctrl-C",
  ]) {
    expect(page).toContain(text);
  }
});

test("README.md shows what statusPage() prints", async () => {
  const readme = await Bun.file(join(import.meta.dir, "..", "..", "README.md")).text();

  const page = Bun.stripANSI(statusPage({ ...STATUS, seconds: 2.6 })).trim();

  expect(readme).toContain(`\n${page}\n`);
});

test("statusPage() says how to make keys when requests need one", () => {
  const page = Bun.stripANSI(statusPage({ ...STATUS, keysOn: true }));

  expect(page).toContain("bun run keys create me --scope read,operate");
  expect(page).toContain('-H "authorization: Bearer $WRITE_KEY"');
});

test("statusPage() names the folder of PostgreSQL's data when it lies elsewhere", () => {
  const postgresFolder = { path: "/var/lib/tally/data/1/postgres", user: "nobody" };

  const page = statusPage({ ...STATUS, postgresFolder });

  expect(page).toContain("/var/lib/tally/data/1/postgres (PostgreSQL, which runs as nobody)");
});

test.each([
  ["postgres://me:secret@db.example/x?sslmode=require", "postgres://me:***@db.example:5432/x"],
  ["postgres://me:12/secret@db.example/x", "postgres://me:***@db.example:5432/x"],
  ["postgres://me@[::1]:1,b:2/x?sslpassword=secret", "postgres://me@[::1]:1,b:2/x"],
  ["mysql://me:secret@db.example/x", "set by DATABASE_URL"],
])("withoutPassword() hides the password of %s", (url, shown) => {
  expect(withoutPassword(url)).toBe(shown);
});

/** Ways in which PostgreSQL refuses to write, none of them a fault of a row. */
import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "@tally/shared";
import { SQL } from "bun";

import type { System } from "../../../system/system.ts";

export interface Refusal {
  readonly name: string;
  /** Starts to refuse. @returns What ends it, or null when this machine can't do it. */
  begin(system: System): Promise<(() => Promise<void>) | null>;
}

export const REFUSALS: readonly Refusal[] = [
  {
    name: "read-only server",
    async begin({ sql }) {
      await sql.unsafe("alter system set default_transaction_read_only = on");
      await sql.unsafe("select pg_reload_conf()");
      return async () => {
        await sql.unsafe("alter system reset default_transaction_read_only");
        await sql.unsafe("select pg_reload_conf()");
      };
    },
  },
  {
    name: "revoked right",
    async begin({ sql, database: { role } }) {
      await sql.unsafe(`revoke insert on web_events from "${role}"`);
      return async () => {
        await sql.unsafe(`grant insert on web_events to "${role}"`);
      };
    },
  },
  {
    name: "missing table",
    async begin({ sql }) {
      await sql.unsafe("alter table web_events rename to web_events_away");
      return async () => {
        await sql.unsafe("alter table web_events_away rename to web_events");
      };
    },
  },
  {
    name: "statement timeouts",
    async begin({ database }) {
      const holder = new SQL(database.url, { max: 1 });
      const held = Promise.withResolvers<void>();
      const mayEnd = Promise.withResolvers<void>();
      const holding = holder.begin(async (transaction) => {
        await transaction.unsafe("lock table web_events in access exclusive mode");
        held.resolve();
        await mayEnd.promise;
      });
      await held.promise;
      return async () => {
        mayEnd.resolve();
        await holding;
        await holder.close();
      };
    },
  },
  { name: "full disk", begin: fillDisk },
];

/** Enough for the rows of a second or two. */
const DISK_BYTES = 24 * 1024 * 1024;

/** Moves the table to a small disk in memory, which only root can make. */
async function fillDisk({ sql, stack, id, env }: System): Promise<(() => Promise<void>) | null> {
  if (process.getuid?.() !== 0) return null;
  const disk = await mkdtemp(join(tmpdir(), "tally-disk-"));
  const mount = ["mount", "-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "none", disk];
  if ((await runCommand(mount, { env })).exitCode !== 0) {
    await rm(disk, { recursive: true });
    return null;
  }
  const owner = await Bun.file(stack.postgres.dataFolder).stat();
  await chown(disk, owner.uid, owner.gid);
  const tablespace = `small_${id}`;
  await sql.unsafe(`create tablespace "${tablespace}" location '${disk}'`);
  await sql.unsafe(`create table filler (bytes text storage plain) tablespace "${tablespace}"`);
  await sql.unsafe(`alter table web_events set tablespace "${tablespace}"`);
  await fillUp(sql);
  return async () => {
    await sql.unsafe("drop table filler");
    await sql.unsafe("alter table web_events set tablespace pg_default");
    await sql.unsafe(`drop tablespace "${tablespace}"`);
    await runCommand(["umount", disk], { env });
    await rm(disk, { recursive: true });
  };
}

/** Fills the rest of the disk, so that the next row does not fit. */
async function fillUp(sql: SQL): Promise<void> {
  for (const rows of [1000, 100, 10, 1]) {
    let isFull = false;
    while (!isFull) {
      isFull = await sql
        .unsafe(`insert into filler select repeat('x', 8000) from generate_series(1, ${rows})`)
        .then(
          () => false,
          () => true,
        );
    }
  }
}

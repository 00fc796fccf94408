/** The content of the status page, from what was started and what the environment names. Pure. */
import type { Config } from "@tally/shared";
import { join } from "node:path";

import type { Parts } from "../servers/stack.ts";
import type { Plan } from "./plan.ts";
import type { Service } from "./services.ts";
import { withoutPassword, type Status } from "./status_page.ts";

/** Everything that `up` knows when all of it runs. */
interface Known {
  readonly config: Config<"stack">;
  readonly plan: Plan;
  readonly folder: string;
  readonly services: readonly Pick<Service, "name" | "url">[];
  readonly stack: Partial<Parts>;
  readonly seconds: number;
}

/** Collects the addresses. */
export function statusOf({ config, plan, folder, services, stack, seconds }: Known): Status {
  const urlOf = (name: string) => services.find((each) => each.name === name)?.url;
  const brokers = stack.kafka?.bootstrapServers ?? config.kafka.bootstrapServers;
  const { archive } = config;
  const s3 = stack.s3?.endpoint ?? archive.endpoint ?? "AWS";
  const { postgres } = stack;
  const isElsewhere = postgres !== undefined && !postgres.dataFolder.startsWith(`${folder}/`);
  return {
    dashboardUrl: `${urlOf("dashboard") ?? urlOf("processor")}/`,
    ingestUrl: urlOf("ingest") ?? "",
    kafka: `${brokers}, topic ${config.kafka.topic}`,
    // The local password is no secret: it is the same everywhere, and works on loopback only.
    postgres: postgres?.url ?? withoutPassword(config.database.url),
    ...(plan.archive ? { s3: `${s3}, bucket ${archive.bucket}` } : {}),
    dataFolder: folder,
    ...(isElsewhere
      ? { postgresFolder: { path: postgres.dataFolder, user: postgres.runsAs ?? "you" } }
      : {}),
    logsFolder: join(folder, "logs"),
    seconds,
    keysOn: config.http.keysOn,
  };
}

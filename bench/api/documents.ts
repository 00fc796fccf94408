/** The OpenAPI documents of both services, with the default limits and without a server. */
import { describeApi as describeIngest } from "@tally/ingest/openapi";
import { describeApi as describeProcessor } from "@tally/processor/http/openapi";
import { createRoutes } from "@tally/processor/http/routes";
import { loadConfig } from "@tally/shared";

type RoutesArguments = Parameters<typeof createRoutes>;

/** The documents by service. */
export function apiDocuments(): Readonly<Record<"ingest" | "processor", object>> {
  // Routes that are only described use none of their parts.
  const routes = createRoutes({} as RoutesArguments[0], {} as RoutesArguments[1]);
  return {
    ingest: describeIngest(loadConfig({}, "ingest").ingest, false),
    processor: describeProcessor(routes, false),
  };
}

/** The OpenAPI document of the processor, derived from the table of routes and its schemas. */
import { describeProblem, describeProblems, ERRORS, type ErrorCode } from "@tally/shared";
import type { Route } from "./route.ts";
import type { QuerySchema } from "./schemas.ts";

/** The OpenAPI 3.1 document. */
export function describeApi(routes: readonly Route[]): object {
  const codes = Object.keys(ERRORS) as ErrorCode[];
  return {
    openapi: "3.1.0",
    info: {
      title: "Tally processor",
      version: "1",
      description:
        "What became of accepted events: rows, archive objects, dead letters, live figures.",
    },
    paths: Object.fromEntries(
      routes.map((route) => [
        route.path.replace(":id", "{id}"),
        { [route.method.toLowerCase()]: describeRoute(route) },
      ]),
    ),
    components: { schemas: { Problem: describeProblem(codes) } },
  };
}

function describeRoute(route: Route): object {
  const { method, path, summary, type = "application/json", query, codes = [] } = route;
  const isChange = method === "POST";
  return {
    summary,
    parameters: [...(path.includes(":id") ? [ID] : []), ...describeQuery(query)],
    responses: {
      [isChange ? 202 : 200]: { description: summary, content: { [type]: {} } },
      ...describeProblems(codes),
    },
    // The content type is required: pages of other origins can't send it without a preflight.
    ...(isChange ? { requestBody: { required: false, content: { "application/json": {} } } } : {}),
  };
}

const ID = { name: "id", in: "path", required: true, schema: { type: "string" } };

function describeQuery(query: QuerySchema | undefined): object[] {
  if (query === undefined) return [];
  return Object.entries(query.properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    schema,
    ...(description === undefined ? {} : { description }),
    ...(query.required?.includes(name) === true && schema["default"] === undefined
      ? { required: true }
      : {}),
  }));
}

/** One route: how it is requested, how OpenAPI describes it, and what answers it. */
import type { ErrorCode, Problem } from "@tally/shared";
import type { QuerySchema } from "./schemas.ts";

export interface Route {
  /** GET reads, and answers HEAD too; POST changes something. */
  readonly method: "GET" | "POST";
  /** `:id` stands for one segment. */
  readonly path: string;
  readonly summary: string;
  /** Content type of the answer; JSON when absent. */
  readonly type?: string;
  readonly query?: QuerySchema;
  /** Codes of its problem documents, besides the ones that every route may give. */
  readonly codes?: readonly ErrorCode[];
  readonly answer: (request: RouteRequest) => Response | Problem | Promise<Response | Problem>;
}

/** A request to a route. */
export interface RouteRequest {
  readonly request: Request;
  /** The id in the path, or "" when the path has none. */
  readonly id: string;
}

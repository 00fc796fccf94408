/** One route: how it is requested, how OpenAPI describes it, and what answers it. */
import type { ErrorCode, Problem } from "@tally/shared";
import type { Holder, RouteAccess } from "../access/access.ts";
import type { AnswerName } from "./answers.ts";
import type { QuerySchema } from "./schemas.ts";

/** What OpenAPI says of a route. */
export interface RouteApi {
  /** Its name in generated clients. */
  readonly operationId: string;
  readonly summary: string;
  /** The form of its answer; text when absent. */
  readonly schema?: AnswerName;
  /** Content type of the answer; JSON when absent. */
  readonly type?: string;
  /** The form of its body; absent when the body says nothing: then the answer is a 202. */
  readonly body?: object;
}

export interface Route {
  /** GET reads, and answers HEAD too; POST changes something, or asks a question with a body. */
  readonly method: "GET" | "POST" | "DELETE";
  /** What a key must be allowed to with keys on. A question reads, whatever its method. */
  readonly access: RouteAccess;
  /** `:id` stands for one segment. */
  readonly path: string;
  /** Absent for the views that both services have: `describeViews()` describes those. */
  readonly api?: RouteApi;
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
  /** Who sends it, or null when the route is open or keys are off. */
  readonly holder: Holder | null;
}

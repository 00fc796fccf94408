/** What a request to a route passes before it is answered: its page, its content type, its key. */
import { readEncoding, readMediaType, type Cors, type Log, type Problem } from "@tally/shared";
import { challengeOf, type Access, type Holder } from "../access/access.ts";
import type { Route } from "./route.ts";
import type { ClientOf } from "./session_routes.ts";

/** Whether a request is answered. */
export type Admission =
  | { readonly kind: "admitted"; readonly holder: Holder | null }
  | {
      readonly kind: "refused";
      readonly problem: Problem;
      readonly headers: Readonly<Record<string, string>>;
    };

export interface AdmitParts {
  readonly cors: Cors;
  readonly access: Access;
  readonly clientOf: ClientOf;
  readonly log: Log;
}

/** Judges one request to a route. A change is logged with the name of the key that asks for it. */
export async function admit(
  { access: needed, method, path }: Route,
  request: Request,
  { cors, access, clientOf, log }: AdmitParts,
): Promise<Admission> {
  const isRead = method === "GET";
  if (!isRead && !cors.mayChange(request)) return refused({ code: "origin_not_allowed" });
  const form = isRead ? null : refuseForm(request);
  if (form !== null) return form;
  const verdict = await access.judge(request.headers, needed);
  if (verdict.kind === "refused") return refused(verdict, challengeOf(verdict.code, needed));
  const { holder } = verdict;
  if (holder !== null && needed === "operate") {
    // The path is a template: an id in it belongs to a sender.
    const client = clientOf(request).address;
    log.info({ key: holder.name, client, route: path }, "Change was asked for.");
  }
  return { kind: "admitted", holder };
}

/** Refuses a body that says it is anything but plain JSON. */
function refuseForm({ headers }: Request): Admission | null {
  // A page of another origin can't send this type without a preflight, which is refused.
  const isJson = readMediaType(headers.get("content-type")) === "application/json";
  if (!isJson) return refused({ code: "unsupported_type" }, { accept: "application/json" });
  const isPlain = readEncoding(headers.get("content-encoding")) === "identity";
  if (isPlain) return null;
  return refused({ code: "unsupported_encoding" }, { "accept-encoding": "identity" });
}

function refused({ code }: Problem, headers: Readonly<Record<string, string>> = {}): Admission {
  return { kind: "refused", problem: { code }, headers };
}

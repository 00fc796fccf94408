/**
 * `GET /client.js` and `GET /client.mjs`: the client of `client/` as its build made it, for pages
 * and programs that install nothing. It is the same for everybody, so every page may read it.
 */
import { problemResponse, response, TEXT } from "@tally/shared";
import { join } from "node:path";
import { newRequestId } from "./form/id.ts";

const FOLDER = join(import.meta.dir, "..", "client", "dist");
/** The paths, and the file of the build at each. */
const FILES = [
  ["/client.js", "tally.script.js", "The client as a script that sets the global `tally`"],
  ["/client.mjs", "tally.js", "The client as a module"],
] as const;
const HEADERS = {
  "content-type": "text/javascript; charset=utf-8",
  // Pages load it again within the hour after an upgrade; chosen.
  "cache-control": "public, max-age=3600",
  "access-control-allow-origin": "*",
  "cross-origin-resource-policy": "cross-origin",
};

/** The views by path; 404 while there is no build. */
export const CLIENT_VIEWS = FILES.map(([path, name]) => {
  const view = async (folder = FOLDER): Promise<Response> => {
    const file = Bun.file(join(folder, name));
    if (!(await file.exists())) return problemResponse({ code: "not_found" }, newRequestId());
    return new Response(file, { headers: HEADERS });
  };
  return [path, view] as const;
});

/** Their part of the OpenAPI document. */
export function describeClientFiles(failures: object): Record<string, object> {
  const paths = FILES.map(([path, , summary]) => {
    const operationId = path === "/client.js" ? "clientScript" : "clientModule";
    const responses = { "200": response(summary, TEXT, "text/javascript"), ...failures };
    return [path, { get: { operationId, summary, security: [], responses } }];
  });
  return Object.fromEntries(paths);
}

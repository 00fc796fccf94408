/** The types that `openapi-typescript` makes of the documents, kept beside this file. */
import openapiTypescript, { astToString } from "openapi-typescript";
import { join } from "node:path";
import { apiDocuments } from "./documents.ts";

/** One generated file. */
export interface GeneratedTypes {
  readonly path: string;
  readonly text: string;
}

/** Makes the types of both services. */
export async function generateTypes(): Promise<readonly GeneratedTypes[]> {
  return await Promise.all(
    Object.entries(apiDocuments()).map(async ([service, document]) => {
      const types = await openapiTypescript(JSON.stringify(document));
      const head = `/** Made of the OpenAPI document of ${service} by \`bun run doc\`. */\n`;
      const path = join(import.meta.dir, `${service}_api.d.ts`);
      return { path, text: `${head}${astToString(types)}` };
    }),
  );
}

/** The text without what a formatter changes, and without comments and codes: those come and go. */
export function bareText(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\/|"[a-z_]+"|[\s;,|]+/g, "");
}

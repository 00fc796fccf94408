/** A part of `bun run doc`: writes the types of both interfaces. Entry point. */
import { bareText, generateTypes } from "./client_types.ts";

if (import.meta.main) {
  for (const { path, text } of await generateTypes()) {
    const file = Bun.file(path);
    const current = (await file.exists()) ? await file.text() : "";
    if (bareText(current) !== bareText(text)) await Bun.write(path, text);
  }
}

/** What the parts of a view receive: the page itself, field by field. */
export type { Page as ViewProps } from "../../shell/page.ts";

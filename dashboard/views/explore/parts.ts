/** What the parts of the explore view share. */
import type { Accessor } from "solid-js";
import type { Page } from "../../shell/page.ts";
import type { Asked } from "./asked.ts";

export interface ExploreParts {
  readonly page: Page;
  readonly asked: Accessor<Asked>;
  readonly change: (changes: Partial<Asked>) => void;
  /** Properties that events have, as dimensions. */
  readonly properties: Accessor<readonly string[]>;
  /** Those of them that hold numbers. */
  readonly numbers: Accessor<ReadonlySet<string>>;
}

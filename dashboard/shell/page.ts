/** What the shell gives to every view. */
import type { MonotonicMs, WallMs } from "@tally/shared/clock";
import type { Accessor } from "solid-js";
import type { PageState } from "../address/page_state.ts";
import type { Asker } from "../questions/ask.ts";
import type { LiveStream } from "../stream/create_stream.ts";
import type { Clock } from "../stream/stream.ts";
import type { SessionState } from "./session.ts";

/** The page: its state in the address, its stream, and its way to the processor. */
export interface Page {
  readonly stream: LiveStream;
  readonly asker: Asker;
  readonly state: Accessor<PageState>;
  /** Changes the state and the address; a new entry of the browser's history unless `replace`. */
  change(changes: Partial<PageState>, how?: "push" | "replace"): void;
  /** The address of the state after a change, for links. */
  href(changes: Partial<PageState>): string;
  /** The zone in which times are shown and days begin, as an IANA name. */
  readonly zone: Accessor<string>;
  /** Grows when the stream is live again after a break: what was missed must be asked again. */
  readonly reconnects: Accessor<number>;
  /** Who looks at the page, and what the viewer may do. */
  readonly access: SessionState;
  /** The time of day, once a second. */
  readonly nowMs: Accessor<WallMs>;
  readonly monotonicMs: Accessor<MonotonicMs>;
  readonly clock: Clock;
  readonly fetch: (url: string, options: RequestInit) => Promise<Response>;
  readonly ingestUrl: string;
}

export interface ViewProps {
  readonly page: Page;
}

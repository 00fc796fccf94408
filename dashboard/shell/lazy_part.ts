/** Code that comes from the processor when it is asked for; the processor may be away just then. */
import { type Component, lazy } from "solid-js";

/** The code did not come. Browsers remember that: only a page loaded again can ask again. */
export class NotLoaded extends Error {
  override readonly name = "NotLoaded";
}

/** A component that is loaded when it is drawn for the first time. */
export function lazyPart<P extends object>(load: () => Promise<Component<P>>): Component<P> {
  return lazy(async () => {
    try {
      return { default: await load() };
    } catch (cause) {
      throw new NotLoaded("Cannot load a part of the page: no answer", { cause });
    }
  });
}

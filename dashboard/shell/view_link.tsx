/** A link to another state of the page: a real address, followed without loading the page again. */
import { type JSX, splitProps } from "solid-js";
import type { PageState } from "../address/page_state.ts";
import type { Page } from "./page.ts";

export interface ViewLinkProps extends Omit<JSX.AnchorHTMLAttributes<HTMLAnchorElement>, "href"> {
  readonly page: Pick<Page, "href" | "change">;
  readonly to: Partial<PageState>;
}

export function ViewLink(props: ViewLinkProps) {
  const [own, rest] = splitProps(props, ["page", "to"]);
  const follow = (event: MouseEvent): void => {
    // A new tab or window is the browser's to open.
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) {
      return;
    }
    event.preventDefault();
    own.page.change(own.to);
  };
  return <a {...rest} href={own.page.href(own.to)} onClick={follow} />;
}

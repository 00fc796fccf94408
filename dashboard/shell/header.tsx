/** The head of the page: brand, the way to every view, the state of the stream, theme and help. */
import { For } from "solid-js";
import { ConnectionState } from "../panels/connection_state.tsx";
import type { ViewName } from "../address/page_state.ts";
import { SignOutButton } from "../sign_in/sign_out_button.tsx";
import type { Page } from "./page.ts";
import type { Preferences, Theme } from "./preferences.ts";
import { placeOf } from "./session.ts";
import { ViewLink } from "./view_link.tsx";

export interface HeaderProps {
  readonly page: Page;
  readonly preferences: Preferences;
  /** The views that have a link, in their order. */
  readonly views: readonly { readonly name: ViewName; readonly title: string }[];
  readonly onHelp: () => void;
}

export function Header(props: HeaderProps) {
  return (
    <header class="page-header">
      <p class="brand">
        <TallyMark />
        Tally
      </p>
      <nav class="views" aria-label="Views">
        <For each={props.views}>
          {({ name, title }) => (
            <ViewLink
              class="view-link"
              page={props.page}
              to={{ view: name }}
              aria-current={props.page.state().view === name ? "page" : undefined}
            >
              {title}
            </ViewLink>
          )}
        </For>
      </nav>
      <ConnectionState
        stream={props.page.stream}
        nowMs={props.page.nowMs}
        monotonicMs={props.page.monotonicMs}
        zone={props.page.zone}
      />
      <SignOutButton
        place={placeOf(props.page)}
        session={props.page.access.session()}
        onSignedOut={props.page.access.setSession}
      />
      <ThemeButton preferences={props.preferences} />
      <button
        type="button"
        class="button-quiet button-icon"
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
        onClick={() => props.onHelp()}
      >
        ?
      </button>
    </header>
  );
}

const GLYPHS: { readonly [theme in Theme]: string } = { system: "◐", light: "○", dark: "●" };

function ThemeButton(props: { readonly preferences: Preferences }) {
  const theme = () => props.preferences.theme();
  return (
    <button
      type="button"
      class="button-quiet button-icon"
      aria-label={`Theme: ${theme()}; change to ${props.preferences.themeAfter()}`}
      title={`Theme: ${theme()}`}
      onClick={() => props.preferences.setTheme(props.preferences.themeAfter())}
    >
      <span aria-hidden="true">{GLYPHS[theme()]}</span>
    </button>
  );
}

/** Four strokes and one across: five. */
function TallyMark() {
  return (
    <svg class="tally-mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M7 7v18M13 7v18M19 7v18M25 7v18M3 22.5l26-13" />
    </svg>
  );
}

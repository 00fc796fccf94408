/** The shell: head, the view that the address names, foot; keys that act everywhere. */
import { createEffect, createMemo, createSignal, on, Show } from "solid-js";
import { findingEvent, type ViewName, withoutFilters } from "./address/page_state.ts";
import { judge } from "./panels/health.ts";
import { Footer } from "./shell/footer.tsx";
import { Header } from "./shell/header.tsx";
import type { Command } from "./shell/keyboard.ts";
import { listenForKeys } from "./shell/listen_for_keys.ts";
import type { Page } from "./shell/page.ts";
import { pageTitle } from "./shell/page_title.ts";
import { createPreferences } from "./shell/preferences.ts";
import { ShortcutsDialog } from "./shell/shortcuts_dialog.tsx";
import { SignInPlace } from "./shell/sign_in_place.tsx";
import { ViewPlace } from "./shell/view_place.tsx";
import { isOld } from "./stream/stream.ts";
import { VIEWS } from "./views/table.ts";

const LINKED = VIEWS.filter(({ isLinked }) => isLinked);
const TITLES: ReadonlyMap<ViewName, string> = new Map(
  VIEWS.map(({ name, title }) => [name, title]),
);

export function App(props: { readonly page: Page }) {
  const { page } = props;
  const preferences = createPreferences();
  const [isHelpOpen, setHelpOpen] = createSignal(false);
  const name = createMemo(() => page.state().view);
  const view = createMemo(() => VIEWS.find((each) => each.name === name()));
  const isWall = () => name() === "wall";
  let main: HTMLElement | undefined;
  const title = createMemo(() => titleOf(page));
  createEffect(() => {
    document.title = title();
  });
  // The focus follows to the new view; the one that the page opens with keeps the browser's.
  createEffect(on(name, () => main?.focus(), { defer: true }));
  listenForKeys(page.clock, preferences.hasShortcuts, (command) =>
    act(command, { page, openHelp: () => setHelpOpen(true) }),
  );
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main?.focus())}>
        Skip to the content
      </a>
      <Show when={!isWall()}>
        <Header
          page={page}
          preferences={preferences}
          views={LINKED}
          onHelp={() => setHelpOpen(true)}
        />
      </Show>
      <main
        id="main"
        tabindex="-1"
        ref={(element) => {
          main = element;
        }}
        classList={{ page: true, wall: isWall(), "is-old": isOld(page.stream.connection()) }}
      >
        <h1 class="visually-hidden">{view()?.title}</h1>
        <Show when={!page.access.isKeyMissing()} fallback={<SignInPlace page={page} />}>
          <ViewPlace page={page} component={view()?.component} />
        </Show>
      </main>
      <Show when={!isWall()}>
        <Footer page={page} />
      </Show>
      <ShortcutsDialog
        isOpen={isHelpOpen()}
        onClose={() => setHelpOpen(false)}
        preferences={preferences}
        titles={TITLES}
      />
    </>
  );
}

function titleOf({ state, stream, nowMs, zone }: Page): string {
  const connection = stream.connection();
  const verdict = judge(stream.frame(), connection, { nowMs: nowMs(), zone: zone() });
  const view = TITLES.get(state().view) ?? "";
  return pageTitle({ view, verdict, connection: connection.kind });
}

function act(command: Command, on: { readonly page: Page; readonly openHelp: () => void }): void {
  const state = on.page.state();
  switch (command.kind) {
    case "view":
      return on.page.change({ view: command.view });
    case "find":
      // The events view takes the focus to its box when it sees this.
      // In Events itself nothing else changes: no step back leads to the same.
      return on.page.change(findingEvent(state), state.view === "events" ? "replace" : "push");
    case "clear": {
      const changes = withoutFilters(state);
      if (changes !== null) on.page.change(changes);
      return;
    }
    case "help":
      return on.openHelp();
  }
}

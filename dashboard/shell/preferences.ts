/** What this browser remembers for its viewer: the theme, and whether single keys act. */
import { type Accessor, createEffect, createSignal, onCleanup } from "solid-js";

export type Theme = "system" | "light" | "dark";

export interface Preferences {
  readonly theme: Accessor<Theme>;
  /** The one that follows with the next click. */
  readonly themeAfter: Accessor<Theme>;
  readonly setTheme: (theme: Theme) => void;
  readonly hasShortcuts: Accessor<boolean>;
  readonly setShortcuts: (on: boolean) => void;
}

/** Applies the theme to the document, and follows the system where the viewer chose none. */
export function createPreferences(): Preferences {
  const [theme, setTheme] = createSignal(readTheme(recall("tally-theme")));
  const [hasShortcuts, setShortcuts] = createSignal(recall("tally-shortcuts") !== "off");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const [isSystemDark, setSystemDark] = createSignal(system.matches);
  const follow = (): void => void setSystemDark(system.matches);
  system.addEventListener("change", follow);
  onCleanup(() => system.removeEventListener("change", follow));
  createEffect(() => {
    const chosen = theme();
    const isDark = chosen === "system" ? isSystemDark() : chosen === "dark";
    document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
  });
  return {
    theme,
    themeAfter: () => themeAfter(theme(), isSystemDark()),
    hasShortcuts,
    setTheme: (next) => {
      remember("tally-theme", next);
      setTheme(next);
    },
    setShortcuts: (on) => {
      remember("tally-shortcuts", on ? "on" : "off");
      setShortcuts(on);
    },
  };
}

/** All three in turn; the first click changes what is seen, whatever the system shows. */
export function themeAfter(theme: Theme, isSystemDark: boolean): Theme {
  const [same, opposite] = isSystemDark
    ? (["dark", "light"] as const)
    : (["light", "dark"] as const);
  if (theme === "system") return opposite;
  return theme === opposite ? same : "system";
}

function readTheme(text: string | null): Theme {
  return text === "light" || text === "dark" ? text : "system";
}

function recall(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    // Storage is forbidden: the page works without a memory.
    return null;
  }
}

function remember(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // As above.
  }
}

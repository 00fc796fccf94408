/**
 * The views of the page. To add one: its name in `VIEW_NAMES` (address/page_state.ts), a folder
 * here with a component that takes `ViewProps`, and a row in this table. Loaded when asked for.
 */
import type { Component } from "solid-js";
import type { ViewName } from "../address/page_state.ts";
import { lazyPart } from "../shell/lazy_part.ts";
import type { ViewProps } from "../shell/page.ts";

export interface View {
  readonly name: ViewName;
  readonly title: string;
  /** Whether the navigation has a link to it. */
  readonly isLinked: boolean;
  readonly component: Component<ViewProps>;
}

export const VIEWS: readonly View[] = [
  {
    name: "overview",
    title: "Overview",
    isLinked: true,
    component: lazyPart(async () => (await import("./overview/overview.tsx")).Overview),
  },
  {
    name: "explore",
    title: "Explore",
    isLinked: true,
    component: lazyPart(async () => (await import("./explore/explore.tsx")).Explore),
  },
  {
    name: "events",
    title: "Events",
    isLinked: true,
    component: lazyPart(async () => (await import("./events/events.tsx")).Events),
  },
  {
    name: "pipeline",
    title: "Pipeline",
    isLinked: true,
    component: lazyPart(async () => (await import("./pipeline/pipeline.tsx")).Pipeline),
  },
  {
    name: "dead-letters",
    title: "Dead letters",
    isLinked: true,
    component: lazyPart(async () => (await import("./dead_letters/dead_letters.tsx")).DeadLetters),
  },
  {
    name: "send",
    title: "Send",
    isLinked: true,
    component: lazyPart(async () => (await import("./send/send.tsx")).Send),
  },
  {
    name: "wall",
    title: "Wall",
    isLinked: false,
    component: lazyPart(async () => (await import("./overview/wall.tsx")).Wall),
  },
];

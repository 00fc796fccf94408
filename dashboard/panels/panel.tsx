/** One section of the page with its title. */
import { createUniqueId, type JSX } from "solid-js";

export interface PanelProps {
  readonly title: string;
  /** Names the place in the page's grid. */
  readonly area: string;
  readonly children: JSX.Element;
}

export function Panel(props: PanelProps) {
  const id = createUniqueId();
  return (
    <section class={`panel area-${props.area}`} aria-labelledby={id}>
      <h2 id={id} class="panel-title">
        {props.title}
      </h2>
      {props.children}
    </section>
  );
}

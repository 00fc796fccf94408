/** The bars of a chart as a table, for viewers who can't see them; newest first. */
import { createSignal, For, Index, Show } from "solid-js";
import type { Stack } from "../questions/stack.ts";
import { barInUtc, barLabel } from "./bucket_label.ts";

interface PointTableProps {
  readonly stack: Stack;
  /** What is counted. */
  readonly what: string;
  readonly zone: string;
  readonly format: (value: number | null) => string;
}

export function PointTable(props: PointTableProps) {
  const [isOpen, setOpen] = createSignal(false);
  /** A single layer is the whole, which has a column already. */
  const layers = () => (props.stack.layers.length > 1 ? props.stack.layers : []);
  const indexes = () => props.stack.window.starts.map((_, index) => index).toReversed();
  return (
    <details class="chart-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>As a table</summary>
      <Show when={isOpen()}>
        {/* It scrolls, so the keyboard must reach it. */}
        <div class="table-scroll" tabindex="0" role="region" aria-label={`${props.what} by time`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">{props.what}</th>
                <Index each={layers()}>
                  {(layer) => <th scope="col">{layer().name ?? "other"}</th>}
                </Index>
              </tr>
            </thead>
            <tbody>
              <For each={indexes()}>
                {(index) => (
                  <tr>
                    <th scope="row" title={barInUtc(props.stack.window, index)}>
                      {barLabel(props.stack.window, index, props.zone)}
                    </th>
                    <td>{props.format(props.stack.totals[index] ?? null)}</td>
                    <Index each={layers()}>
                      {(layer) => <td>{props.format(layer().values[index] ?? null)}</td>}
                    </Index>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </div>
      </Show>
    </details>
  );
}

/** Exact bytes, shown safely: as text, as JSON, or as a hex dump. */
import { createMemo, createSignal, For, Show } from "solid-js";
import { plural } from "../../panels/format.ts";
import { showJson, showLines } from "../../panels/show_text.ts";
import { bytesOf, hexDump } from "./hex.ts";
import type { Bytes } from "@tally/shared/dead_letters";

/** Most characters of a text on the page. // chosen */
const TEXT_LENGTH_MAX = 200_000;

type Form = "text" | "json" | "hex";
const FORM_NAMES: { readonly [form in Form]: string } = { text: "Text", json: "JSON", hex: "Hex" };

export function BytesView(props: { readonly title: string; readonly bytes: Bytes | null }) {
  const bytes = createMemo(() => (props.bytes === null ? null : bytesOf(props.bytes.base64)));
  const json = createMemo(() => parse(props.bytes?.text ?? null));
  const forms = (): Form[] => [
    ...(props.bytes?.text == null ? [] : (["text"] as const)),
    ...(json() === undefined ? [] : (["json"] as const)),
    "hex",
  ];
  const [chosen, setChosen] = createSignal<Form | null>(null);
  const form = (): Form => {
    const wanted = chosen();
    return wanted !== null && forms().includes(wanted) ? wanted : (forms()[0] ?? "hex");
  };
  const shown = (): string => {
    const known = bytes();
    if (known === null) return "";
    if (form() === "hex") return hexDump(known);
    if (form() === "json") return shorten(showJson(json()?.value));
    return shorten(showLines(props.bytes?.text ?? ""));
  };
  return (
    <div class="bytes">
      <div class="bytes-head">
        <h3 class="part-title">
          <bdi>{props.title}</bdi>
        </h3>
        <Show when={bytes()} fallback={<p class="empty">none (null)</p>}>
          {(known) => <p class="bytes-size">{plural(known().length, "byte")}</p>}
        </Show>
        <Show when={bytes() !== null}>
          <div class="form-choice" role="group" aria-label={`How ${props.title} is shown`}>
            <For each={forms()}>
              {(each) => (
                <button
                  type="button"
                  class="button-quiet"
                  aria-pressed={form() === each}
                  onClick={() => setChosen(each)}
                >
                  {FORM_NAMES[each]}
                </button>
              )}
            </For>
          </div>
        </Show>
      </div>
      <Show when={bytes() !== null}>
        <pre class="payload" tabindex="0" role="region" aria-label={`Bytes of ${props.title}`}>
          {shown()}
        </pre>
      </Show>
    </div>
  );
}

/** The parsed value, or undefined when the text is no JSON. */
function parse(text: string | null): { readonly value: unknown } | undefined {
  if (text === null) return undefined;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    // Not JSON: text and bytes remain.
    return undefined;
  }
}

function shorten(text: string): string {
  if (text.length <= TEXT_LENGTH_MAX) return text;
  return `${text.slice(0, TEXT_LENGTH_MAX)}\n… ${text.length - TEXT_LENGTH_MAX} characters more`;
}

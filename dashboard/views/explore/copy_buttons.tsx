/** The question to take along: as a command, as CSV, as a link. */
import { createSignal, For, Show } from "solid-js";
import { copyText } from "../../panels/copy_text.ts";
import { describeOutcome } from "../../questions/ask.ts";
import type { Page } from "../../shell/page.ts";
import { curlOf } from "./asked.ts";

export function CopyButtons(props: {
  readonly page: Page;
  readonly path: string;
  readonly body: object | null;
  /** A funnel has no CSV. */
  readonly hasCsv?: boolean;
}) {
  const { page } = props;
  const [note, setNote] = createSignal("");
  const copy = async (text: string, what: string): Promise<void> => {
    const isCopied = await copyText(text);
    setNote(isCopied ? `Copied ${what}.` : "This browser does not let the page copy.");
  };
  const csv = async (): Promise<void> => {
    const request = { path: props.path, body: props.body, accept: "text/csv" };
    const outcome = await page.asker.askText(request, new AbortController().signal);
    if (outcome.kind === "answered") await copy(outcome.answer, "the rows as CSV");
    else setNote(describeOutcome(outcome));
  };
  const url = (): string => new URL(props.path, document.baseURI).href;
  const buttons = () => [
    {
      text: "Copy as curl",
      run: () =>
        copy(
          curlOf(url(), props.body ?? {}, page.access.session()?.keysOn ?? false),
          "the question as a command",
        ),
    },
    ...(props.hasCsv === false ? [] : [{ text: "Copy as CSV", run: csv }]),
    { text: "Copy link", run: () => copy(location.href, "the link to this question") },
  ];
  return (
    <Show when={props.body}>
      <div class="copy">
        <For each={buttons()}>
          {({ text, run }) => (
            <button type="button" class="button-quiet" onClick={() => void run()}>
              {text}
            </button>
          )}
        </For>
        <span role="status" class="copy-note">
          {note()}
        </span>
      </div>
    </Show>
  );
}

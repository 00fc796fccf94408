/** Frames of the live stream, as a viewer gets them. */
import type { MetricsFrame } from "@tally/shared";

/** The frames of one stream, as they come; ends with an error when the signal comes. */
export async function* framesOf(url: string, signal: AbortSignal): AsyncGenerator<MetricsFrame> {
  const response = await fetch(`${url}/metrics/stream`, { signal });
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of response.body ?? []) {
    const messages = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
    rest = messages.pop() ?? "";
    for (const message of messages) {
      const data = /^event: metrics\ndata: (.*)$/m.exec(message)?.[1];
      if (data !== undefined) yield JSON.parse(data) as MetricsFrame;
    }
  }
}

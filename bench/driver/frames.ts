/** Frames of the live stream, as a viewer gets them. */
import type { MetricsFrame } from "@tally/shared";

/** Where the stream is: the URL of a processor, and what a request must carry there. */
export type FrameSource =
  string | { readonly url: string; readonly readHeaders: Readonly<Record<string, string>> };

/** Yields every frame from now on, until the signal ends the stream. */
export async function* framesOf(
  source: FrameSource,
  signal: AbortSignal,
): AsyncGenerator<MetricsFrame> {
  const { url, readHeaders } =
    typeof source === "string" ? { url: source, readHeaders: {} } : source;
  try {
    const response = await fetch(`${url}/metrics/stream`, { signal, headers: readHeaders });
    const decoder = new TextDecoder();
    let rest = "";
    for await (const bytes of response.body ?? []) {
      const messages = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
      rest = messages.pop() ?? "";
      yield* messages.map(frameOf).filter((frame) => frame !== null);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** A frame, or null with the reason why none came. */
export type AwaitedFrame =
  | { readonly frame: MetricsFrame; readonly reason: null }
  | { readonly frame: null; readonly reason: string };

/** Waits for the first frame that is accepted, until the signal ends it. Never rejects. */
export async function firstFrame(
  source: FrameSource,
  signal: AbortSignal,
  accepts: (frame: MetricsFrame) => boolean = () => true,
): Promise<AwaitedFrame> {
  let refused = 0;
  try {
    for await (const frame of framesOf(source, signal)) {
      if (accepts(frame)) return { frame, reason: null };
      refused += 1;
    }
  } catch (error) {
    return { frame: null, reason: String(error) };
  }
  const end = signal.aborted ? "in time" : "before the stream ended";
  return { frame: null, reason: `${refused} frames came ${end}, and none was it` };
}

/** The frame of a message, or null when the message is no frame. */
function frameOf(message: string): MetricsFrame | null {
  const data = /^event: metrics\ndata: (.*)$/m.exec(message)?.[1];
  return data === undefined ? null : (JSON.parse(data) as MetricsFrame);
}

/** Frames of the live stream, as a viewer gets them. */
import type { MetricsFrame } from "@tally/shared";

/** Yields every frame from now on, until the signal ends the stream. */
export async function* framesOf(url: string, signal: AbortSignal): AsyncGenerator<MetricsFrame> {
  try {
    const response = await fetch(`${url}/metrics/stream`, { signal });
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

/** The first frame that is accepted, or null when there is none in time. */
export async function firstFrame(
  url: string,
  msMax: number,
  accepts: (frame: MetricsFrame) => boolean = () => true,
): Promise<MetricsFrame | null> {
  for await (const frame of framesOf(url, AbortSignal.timeout(msMax))) {
    if (accepts(frame)) return frame;
  }
  return null;
}

/** The frame of a message, or null when the message is no frame. */
function frameOf(message: string): MetricsFrame | null {
  const data = /^event: metrics\ndata: (.*)$/m.exec(message)?.[1];
  return data === undefined ? null : (JSON.parse(data) as MetricsFrame);
}

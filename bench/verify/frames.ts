/** Frames of the live stream, as a viewer gets them. */
import type { MetricsFrame } from "@tally/shared";

/** The first frame that is accepted; null when there was none before the time was over. */
export async function firstFrame(
  url: string,
  msMax: number,
  accepts: (frame: MetricsFrame) => boolean = () => true,
): Promise<MetricsFrame | null> {
  const signal = AbortSignal.timeout(msMax);
  try {
    const response = await fetch(`${url}/metrics/stream`, { signal });
    const decoder = new TextDecoder();
    let rest = "";
    for await (const bytes of response.body ?? []) {
      const messages = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
      rest = messages.pop() ?? "";
      const found = messages.map(frameOf).find((frame) => frame !== null && accepts(frame));
      if (found) return found;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return null;
}

/** The frame of one message; null: it is another one. */
function frameOf(message: string): MetricsFrame | null {
  const data = /^event: metrics\ndata: (.*)$/m.exec(message)?.[1];
  return data === undefined ? null : (JSON.parse(data) as MetricsFrame);
}

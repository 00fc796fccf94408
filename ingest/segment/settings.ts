/**
 * `GET /v1/projects/{key}/settings`: what Segment's SDK for browsers asks for before it sends
 * anything. The settings make it send everything here and load nothing more. They are the same for
 * every key that is well-formed, so they tell nobody whether a key is known.
 */
import { problemResponse } from "@tally/shared";

/** The path as routes write it. */
export const SETTINGS_PATH = "/v1/projects/:key/settings";

/** A key stands in the answer, so it may hold nothing that JSON or a URL escapes. */
const KEY = /^[A-Za-z0-9_-]{1,128}$/;

/** The answer for a key, or 404. Every page may read it: it is no secret. */
export function answerSettings(key: string, { headers }: Request, requestId: string): Response {
  const settings = settingsFor(key, headers.get("host"));
  if (settings === null) return problemResponse({ code: "not_found" }, requestId);
  const init = { headers: { "access-control-allow-origin": "*" } };
  return Response.json(settings, init);
}

/**
 * The settings for a key, or null when it is not well-formed.
 *
 * @param host The request's `Host`: where the SDK will send to, unless its page names another.
 */
function settingsFor(key: string, host: string | null): object | null {
  if (!KEY.test(key)) return null;
  return {
    integrations: {
      // Without a host the SDK would send to Segment.
      "Segment.io": { apiKey: key, ...(host !== null && { apiHost: `${host}/v1` }) },
    },
    plan: {},
    // The default is 1: the SDK would report to Segment how it is used.
    metrics: { sampleRate: 0 },
    middlewareSettings: {},
    enabledMiddleware: {},
    remotePlugins: [],
    analyticsNextEnabled: true,
    legacyVideoPluginsEnabled: false,
  };
}

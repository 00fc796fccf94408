/** The URL of ingest: from the page's meta tag, or the default port on this host. Pure. */

const INGEST_PORT = 8081;

/**
 * @param configured Content of the meta tag `tally-ingest-url`; the default when it is no http URL.
 * @returns Origin and path without a slash at the end.
 */
export function readIngestUrl(
  configured: string | undefined,
  page: { readonly protocol: string; readonly hostname: string },
): string {
  const url = URL.parse(configured ?? "");
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:")) {
    return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
  }
  return `${page.protocol}//${page.hostname}:${INGEST_PORT}`;
}

/** Where ingest listens, as the page was told, or on this host at the usual port. Pure. */

const INGEST_PORT = 8081;

/**
 * @param told Content of the meta tag `tally-ingest-url`; the default when it is no http URL.
 * @returns Origin and path without a slash at the end.
 */
export function readIngestUrl(
  told: string | undefined,
  page: { readonly protocol: string; readonly hostname: string },
): string {
  const url = URL.parse(told ?? "");
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:")) {
    return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
  }
  return `${page.protocol}//${page.hostname}:${INGEST_PORT}`;
}

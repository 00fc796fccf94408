/** Rows of the configuration table: what both services have in common as HTTP servers. */
import { hostNames, integer } from "./option.ts";

/** How ingest and processor listen. */
export const HTTP_OPTIONS = {
  hosts: hostNames({
    env: "TALLY_HOSTS",
    default: "",
    help: "Names under which clients and proxies reach the services, besides `localhost` and the addresses of loopback. When it is set, or while a service listens on loopback only, any other `Host` gets 421.",
  }),
  keepAliveSeconds: integer({
    env: "TALLY_KEEP_ALIVE_SECONDS",
    default: "120",
    unit: "seconds",
    min: 20,
    max: 255,
    help: "How long a connection may be idle; must be longer than proxies keep theirs, which is often 60 s, or they send requests into connections that are about to close.",
  }),
} as const;

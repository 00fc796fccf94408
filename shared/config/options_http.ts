/** Rows of the configuration table: what both services have in common as HTTP servers. */
import { flag, hostNames, integer, networks } from "./option.ts";

/** How ingest and processor listen. */
export const HTTP_OPTIONS = {
  hosts: hostNames({
    env: "TALLY_HOSTS",
    default: "",
    help: "Names under which clients and proxies reach the services, besides `localhost` and the addresses of loopback. When it is set, or while a service listens on loopback only, any other `Host` gets 421.",
  }),
  keysOn: flag({
    env: "TALLY_KEYS",
    default: "off",
    words: ["on", "off"],
    help: "`on`: what sends, reads or changes something needs a key, see [going-public.md](going-public.md). `off`: whoever reaches the port may do everything, so a service that others can reach does not start, unless `TALLY_OPEN=yes`.",
  }),
  open: flag({
    env: "TALLY_OPEN",
    default: "no",
    words: ["yes", "no"],
    help: "`yes` lets a service that others can reach start without keys. Only for where a firewall or another program keeps strangers out.",
  }),
  trustedProxies: networks({
    env: "TALLY_TRUSTED_PROXIES",
    default: "",
    help: "Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed, for example `127.0.0.1,10.0.0.0/8`. List proxies of your own only: what they pass on counts as the client's address.",
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

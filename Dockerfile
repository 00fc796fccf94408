# syntax=docker/dockerfile:1
# Both services from one build: docker build --target ingest . and --target processor .

# npm brings the headers of Node.js that the Kafka client's build needs; nothing of it is in the result.
FROM node:24.11.1-bookworm-slim AS node

FROM oven/bun:1.4.5-slim AS build
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules/npm /usr/local/lib/node_modules/npm
# TLS and zstd are in the client because their -dev packages are here; the last stage has the libraries.
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
  && apt-get update \
  && apt-get install -y --no-install-recommends \
    bash ca-certificates g++ gcc make tar libssl-dev libzstd-dev zlib1g-dev \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /tally
# Manifests first: packages are fetched again only when one of these changes.
COPY package.json bun.lock bunfig.toml tsconfig.json ./
COPY shared/package.json shared/
COPY ingest/package.json ingest/
COPY client/package.json client/
COPY processor/package.json processor/
COPY shared/database/*.patch shared/database/
COPY dashboard/package.json dashboard/
COPY bench/package.json bench/
COPY stack/package.json stack/
# No scripts: the only trusted one belongs to the local PostgreSQL, which an image does not need.
RUN bun install --frozen-lockfile --ignore-scripts
# The client's addon takes about a minute; it depends on shared/ alone.
ENV XDG_CACHE_HOME=/opt/cache
COPY shared shared
RUN bun -e 'import { ensureNativeFiles } from "./shared/kafka/mod.ts"; await ensureNativeFiles();' \
  && rm -rf /opt/cache/tally/*-headers
COPY dashboard dashboard
RUN bun run --cwd dashboard build
COPY client client
COPY LICENSE ./
RUN bun run --cwd client build
COPY ingest ingest
COPY processor processor
# What runs has no compilers of pages and no test tools.
RUN rm -rf node_modules */node_modules \
  && bun install --frozen-lockfile --ignore-scripts --production \
    --filter @tally/ingest --filter @tally/processor --filter @tally/shared

FROM oven/bun:1.4.5-slim AS service
# Brings OpenSSL's library, too.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates libzstd1 zlib1g \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /tally
# Why the second line: BUN_ENV in stack/machine/service.ts.
ENV NODE_ENV=production XDG_CACHE_HOME=/opt/cache \
  BUN_JSC_heapGrowthMaxIncrease=1.5 MIMALLOC_PURGE_HOLES_MIN_INTERVAL=5000
# The client alone: Bun keeps its packages in the same cache.
COPY --from=build /opt/cache/tally /opt/cache/tally
COPY --from=build /tally/package.json /tally/bunfig.toml ./
COPY --from=build /tally/node_modules node_modules
COPY --from=build /tally/shared shared
# Where ingest keeps the hashes of keys: a volume that is mounted here belongs to its user.
RUN mkdir -p /var/lib/tally && chown bun:bun /var/lib/tally
USER bun

FROM service AS ingest
COPY --from=build /tally/client/dist client/dist
COPY --from=build /tally/ingest ingest
# A container is reached through its published port; compose.yml publishes on 127.0.0.1 only. So it starts
# with TALLY_KEYS=on or TALLY_OPEN=yes alone: docs/going-public.md.
ENV INGEST_HOST=0.0.0.0
EXPOSE 8081
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["bun", "-e", "process.exit((await fetch(`http://127.0.0.1:${Bun.env.INGEST_PORT || 8081}/health/ready`)).ok ? 0 : 1)"]
CMD ["bun", "ingest/main.ts"]

FROM service AS processor
COPY --from=build /tally/dashboard/dist dashboard/dist
COPY --from=build /tally/processor processor
ENV PROCESSOR_HOST=0.0.0.0
EXPOSE 8082
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["bun", "-e", "process.exit((await fetch(`http://127.0.0.1:${Bun.env.PROCESSOR_PORT || 8082}/health/ready`)).ok ? 0 : 1)"]
CMD ["bun", "processor/main.ts"]

/** Made of the OpenAPI document of processor by `bun run doc`. */
export interface paths {
  "/metrics/stream": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Server-sent events, at once and then one of each per `STREAM_INTERVAL_MS`: `metrics` is a full frame (schema MetricsFrame), `counts` has the events of the open minute and the one before by type (schema CountsFrame) */
    get: operations["streamMetrics"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/metrics/history": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Figures of the last half hour as this processor saw them, one point per 5 s */
    get: operations["getMetricsHistory"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/events": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Stored rows, newest first */
    get: operations["listEvents"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/events/{id}/trace": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Where one event is: accepted, log, row, archive object */
    get: operations["traceEvent"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/dead-letters": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Records set aside, newest first, without their bytes */
    get: operations["listDeadLetters"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/dead-letters/codes": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Records set aside, counted by code: all, unresolved, first and last seen */
    get: operations["countDeadLetters"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/dead-letters/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** One record set aside: the exact bytes of key, value and headers until they are cleared (`clearedAt`), and what became of each resend */
    get: operations["getDeadLetter"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/archive/objects": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Ranges of the log that the archive has planned and stored */
    get: operations["listArchiveObjects"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v2/query": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Counts events, sessions and properties by time, type and property; `Accept: text/csv` gives CSV */
    post: operations["queryEvents"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/v2/funnel": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** How many sessions, or values of a property, came how far through a list of steps, and how long that took */
    post: operations["queryFunnel"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/dead-letters/{id}/resend": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Sends one record again; 202 when Kafka has it. One copy at a time: 409 until it is known what became of the last one. Its event keeps its id. One whose cause is still there becomes a dead letter again, which replaces it: an `id_conflict` always, and what can't be decoded, unless a newer version can */
    post: operations["resendDeadLetter"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/dead-letters/resend": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Sends the records of one code again, oldest first, that are not resolved and not on their way. `next` means that more are left; send it as `after` to continue */
    post: operations["resendDeadLetters"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/dead-letters/{id}/edited": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Links a dead letter to the event that was made of it and sent through ingest, by what ingest answered. The letter is resolved when that event is a row */
    post: operations["linkEditedEvent"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/api/session": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Who is signed in, and what they may do */
    get: operations["getSession"];
    put?: never;
    /** Signs in with a key that may read or operate; the answer sets a cookie */
    post: operations["signIn"];
    /** Ends the session */
    delete: operations["signOut"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/health/live": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The process runs */
    get: operations["getLive"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/health/ready": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Kafka and PostgreSQL answer, the rows' pipeline has joined its group, and the service isn't stopping */
    get: operations["getReady"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/actuator/health": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Every dependency by name */
    get: operations["getActuatorHealth"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/metrics": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Metrics in Prometheus' text form */
    get: operations["getMetrics"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/openapi.json": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** This document */
    get: operations["getOpenApi"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    StoredEvent: {
      eventId: string;
      sessionId: string;
      eventType: string;
      /** Format: date-time */
      ts: string;
      /** Format: date-time */
      receivedAt: string;
      payload: unknown;
      source: string | null;
      topic: string;
      partition: number;
      offset: string;
    };
    EventsPage: {
      events: components["schemas"]["StoredEvent"][];
      /** @description The `after` that continues */
      next: string | null;
    };
    EventTrace: {
      eventId: string;
      accepted: {
        /** Format: date-time */
        at: string;
      } | null;
      log: {
        topic: string;
        partition: number;
        offset: string;
      } | null;
      row: {
        sessionId: string;
        eventType: string;
        /** Format: date-time */
        ts: string;
        payload: unknown;
      } | null;
      archive: {
        /** @enum {string} */
        state: "waiting" | "planned" | "stored";
        key: string | null;
        /** Format: date-time */
        plannedAt: string | null;
        /** Format: date-time */
        storedAt: string | null;
        sha256: string | null;
        lines: number | null;
        line: number | null;
      } | null;
      deadLetter: {
        id: string;
        /** @enum {string} */
        code:
          | "invalid_body"
          | "json_lines"
          | "invalid_host"
          | "invalid_parameter"
          | "key_missing"
          | "key_unknown"
          | "key_scope"
          | "origin_not_allowed"
          | "proxied_without_keys"
          | "not_found"
          | "method_not_allowed"
          | "dead_letter_superseded"
          | "dead_letter_resent"
          | "dead_letter_cleared"
          | "dead_letter_too_large"
          | "body_too_slow"
          | "body_too_large"
          | "batch_too_large"
          | "unsupported_type"
          | "unsupported_encoding"
          | "host_not_allowed"
          | "sign_in_limited"
          | "batch_empty"
          | "batch_rejected"
          | "invalid_query"
          | "invalid_date_range"
          | "invalid_pattern"
          | "unknown_metric"
          | "unknown_dimension"
          | "unknown_operator"
          | "unknown_time_zone"
          | "too_many_buckets"
          | "query_too_wide"
          | "quota_exceeded"
          | "rejected_quota_exceeded"
          | "invalid_event"
          | "invalid_line"
          | "field_missing"
          | "field_unknown"
          | "field_invalid"
          | "timestamp_invalid"
          | "timestamp_out_of_range"
          | "payload_not_json"
          | "text_invalid"
          | "number_invalid"
          | "key_forbidden"
          | "event_too_large"
          | "event_too_deep"
          | "event_too_complex"
          | "event_type_not_allowed"
          | "specversion_unsupported"
          | "data_base64_unsupported"
          | "overloaded"
          | "broker_unavailable"
          | "broker_misconfigured"
          | "broker_rejected"
          | "client_unavailable"
          | "keys_unavailable"
          | "database_unavailable"
          | "database_read_only"
          | "database_misconfigured"
          | "database_rejected"
          | "archive_unavailable"
          | "archive_misconfigured"
          | "archive_conflict"
          | "position_moved"
          | "log_replaced"
          | "topic_recreated"
          | "record_corrupt"
          | "id_conflict"
          | "config_invalid"
          | "internal";
      } | null;
    };
    DeadLetterSummary: {
      id: string;
      /** @enum {string} */
      code:
        | "invalid_body"
        | "json_lines"
        | "invalid_host"
        | "invalid_parameter"
        | "key_missing"
        | "key_unknown"
        | "key_scope"
        | "origin_not_allowed"
        | "proxied_without_keys"
        | "not_found"
        | "method_not_allowed"
        | "dead_letter_superseded"
        | "dead_letter_resent"
        | "dead_letter_cleared"
        | "dead_letter_too_large"
        | "body_too_slow"
        | "body_too_large"
        | "batch_too_large"
        | "unsupported_type"
        | "unsupported_encoding"
        | "host_not_allowed"
        | "sign_in_limited"
        | "batch_empty"
        | "batch_rejected"
        | "invalid_query"
        | "invalid_date_range"
        | "invalid_pattern"
        | "unknown_metric"
        | "unknown_dimension"
        | "unknown_operator"
        | "unknown_time_zone"
        | "too_many_buckets"
        | "query_too_wide"
        | "quota_exceeded"
        | "rejected_quota_exceeded"
        | "invalid_event"
        | "invalid_line"
        | "field_missing"
        | "field_unknown"
        | "field_invalid"
        | "timestamp_invalid"
        | "timestamp_out_of_range"
        | "payload_not_json"
        | "text_invalid"
        | "number_invalid"
        | "key_forbidden"
        | "event_too_large"
        | "event_too_deep"
        | "event_too_complex"
        | "event_type_not_allowed"
        | "specversion_unsupported"
        | "data_base64_unsupported"
        | "overloaded"
        | "broker_unavailable"
        | "broker_misconfigured"
        | "broker_rejected"
        | "client_unavailable"
        | "keys_unavailable"
        | "database_unavailable"
        | "database_read_only"
        | "database_misconfigured"
        | "database_rejected"
        | "archive_unavailable"
        | "archive_misconfigured"
        | "archive_conflict"
        | "position_moved"
        | "log_replaced"
        | "topic_recreated"
        | "record_corrupt"
        | "id_conflict"
        | "config_invalid"
        | "internal";
      pointer: string;
      message: string;
      topic: string;
      partition: number;
      offset: string;
      eventId: string | null;
      /** Format: date-time */
      firstSeen: string;
      /** Format: date-time */
      publishedAt: string | null;
      /** @enum {string} */
      state: "open" | "resent" | "superseded" | "resolved";
      /** Format: date-time */
      resolvedAt: string | null;
      supersededBy: string | null;
      /** Format: date-time */
      clearedAt: string | null;
    };
    DeadLettersPage: {
      deadLetters: components["schemas"]["DeadLetterSummary"][];
      /** @description The `after` that continues */
      next: string | null;
    };
    DeadLetterCodes: {
      codes: {
        /** @enum {string} */
        code:
          | "invalid_body"
          | "json_lines"
          | "invalid_host"
          | "invalid_parameter"
          | "key_missing"
          | "key_unknown"
          | "key_scope"
          | "origin_not_allowed"
          | "proxied_without_keys"
          | "not_found"
          | "method_not_allowed"
          | "dead_letter_superseded"
          | "dead_letter_resent"
          | "dead_letter_cleared"
          | "dead_letter_too_large"
          | "body_too_slow"
          | "body_too_large"
          | "batch_too_large"
          | "unsupported_type"
          | "unsupported_encoding"
          | "host_not_allowed"
          | "sign_in_limited"
          | "batch_empty"
          | "batch_rejected"
          | "invalid_query"
          | "invalid_date_range"
          | "invalid_pattern"
          | "unknown_metric"
          | "unknown_dimension"
          | "unknown_operator"
          | "unknown_time_zone"
          | "too_many_buckets"
          | "query_too_wide"
          | "quota_exceeded"
          | "rejected_quota_exceeded"
          | "invalid_event"
          | "invalid_line"
          | "field_missing"
          | "field_unknown"
          | "field_invalid"
          | "timestamp_invalid"
          | "timestamp_out_of_range"
          | "payload_not_json"
          | "text_invalid"
          | "number_invalid"
          | "key_forbidden"
          | "event_too_large"
          | "event_too_deep"
          | "event_too_complex"
          | "event_type_not_allowed"
          | "specversion_unsupported"
          | "data_base64_unsupported"
          | "overloaded"
          | "broker_unavailable"
          | "broker_misconfigured"
          | "broker_rejected"
          | "client_unavailable"
          | "keys_unavailable"
          | "database_unavailable"
          | "database_read_only"
          | "database_misconfigured"
          | "database_rejected"
          | "archive_unavailable"
          | "archive_misconfigured"
          | "archive_conflict"
          | "position_moved"
          | "log_replaced"
          | "topic_recreated"
          | "record_corrupt"
          | "id_conflict"
          | "config_invalid"
          | "internal";
        count: number;
        /** Format: date-time */
        firstSeen: string;
        /** Format: date-time */
        lastSeen: string;
        unresolved: number;
        onTheirWay: number;
      }[];
    };
    Bytes: {
      base64: string;
      text: string | null;
    };
    Resend: {
      /** Format: date-time */
      resentAt: string;
      topic: string;
      partition: number;
      offset: string;
      eventId: string | null;
      /** @enum {string} */
      outcome: "waiting" | "stored" | "dead" | "lost";
      deadLetterId: string | null;
    };
    DeadLetterDetail: {
      id: string;
      /** @enum {string} */
      code:
        | "invalid_body"
        | "json_lines"
        | "invalid_host"
        | "invalid_parameter"
        | "key_missing"
        | "key_unknown"
        | "key_scope"
        | "origin_not_allowed"
        | "proxied_without_keys"
        | "not_found"
        | "method_not_allowed"
        | "dead_letter_superseded"
        | "dead_letter_resent"
        | "dead_letter_cleared"
        | "dead_letter_too_large"
        | "body_too_slow"
        | "body_too_large"
        | "batch_too_large"
        | "unsupported_type"
        | "unsupported_encoding"
        | "host_not_allowed"
        | "sign_in_limited"
        | "batch_empty"
        | "batch_rejected"
        | "invalid_query"
        | "invalid_date_range"
        | "invalid_pattern"
        | "unknown_metric"
        | "unknown_dimension"
        | "unknown_operator"
        | "unknown_time_zone"
        | "too_many_buckets"
        | "query_too_wide"
        | "quota_exceeded"
        | "rejected_quota_exceeded"
        | "invalid_event"
        | "invalid_line"
        | "field_missing"
        | "field_unknown"
        | "field_invalid"
        | "timestamp_invalid"
        | "timestamp_out_of_range"
        | "payload_not_json"
        | "text_invalid"
        | "number_invalid"
        | "key_forbidden"
        | "event_too_large"
        | "event_too_deep"
        | "event_too_complex"
        | "event_type_not_allowed"
        | "specversion_unsupported"
        | "data_base64_unsupported"
        | "overloaded"
        | "broker_unavailable"
        | "broker_misconfigured"
        | "broker_rejected"
        | "client_unavailable"
        | "keys_unavailable"
        | "database_unavailable"
        | "database_read_only"
        | "database_misconfigured"
        | "database_rejected"
        | "archive_unavailable"
        | "archive_misconfigured"
        | "archive_conflict"
        | "position_moved"
        | "log_replaced"
        | "topic_recreated"
        | "record_corrupt"
        | "id_conflict"
        | "config_invalid"
        | "internal";
      pointer: string;
      message: string;
      topic: string;
      partition: number;
      offset: string;
      eventId: string | null;
      /** Format: date-time */
      firstSeen: string;
      /** Format: date-time */
      publishedAt: string | null;
      /** @enum {string} */
      state: "open" | "resent" | "superseded" | "resolved";
      /** Format: date-time */
      resolvedAt: string | null;
      supersededBy: string | null;
      /** Format: date-time */
      clearedAt: string | null;
      recordTimestampMs: string;
      key: components["schemas"]["Bytes"] | null;
      value: components["schemas"]["Bytes"] | null;
      headers: {
        key: string;
        value: components["schemas"]["Bytes"] | null;
      }[];
      resendsTotal: number;
      resends: components["schemas"]["Resend"][];
    };
    Resent: {
      deadLetterId: string;
      eventId: string | null;
      topic: string;
      partition: number;
      offset: string;
    };
    ResentMany: {
      resent: number;
      ids: string[];
      refused: {
        id: string;
        /** @enum {string} */
        code:
          | "invalid_body"
          | "json_lines"
          | "invalid_host"
          | "invalid_parameter"
          | "key_missing"
          | "key_unknown"
          | "key_scope"
          | "origin_not_allowed"
          | "proxied_without_keys"
          | "not_found"
          | "method_not_allowed"
          | "dead_letter_superseded"
          | "dead_letter_resent"
          | "dead_letter_cleared"
          | "dead_letter_too_large"
          | "body_too_slow"
          | "body_too_large"
          | "batch_too_large"
          | "unsupported_type"
          | "unsupported_encoding"
          | "host_not_allowed"
          | "sign_in_limited"
          | "batch_empty"
          | "batch_rejected"
          | "invalid_query"
          | "invalid_date_range"
          | "invalid_pattern"
          | "unknown_metric"
          | "unknown_dimension"
          | "unknown_operator"
          | "unknown_time_zone"
          | "too_many_buckets"
          | "query_too_wide"
          | "quota_exceeded"
          | "rejected_quota_exceeded"
          | "invalid_event"
          | "invalid_line"
          | "field_missing"
          | "field_unknown"
          | "field_invalid"
          | "timestamp_invalid"
          | "timestamp_out_of_range"
          | "payload_not_json"
          | "text_invalid"
          | "number_invalid"
          | "key_forbidden"
          | "event_too_large"
          | "event_too_deep"
          | "event_too_complex"
          | "event_type_not_allowed"
          | "specversion_unsupported"
          | "data_base64_unsupported"
          | "overloaded"
          | "broker_unavailable"
          | "broker_misconfigured"
          | "broker_rejected"
          | "client_unavailable"
          | "keys_unavailable"
          | "database_unavailable"
          | "database_read_only"
          | "database_misconfigured"
          | "database_rejected"
          | "archive_unavailable"
          | "archive_misconfigured"
          | "archive_conflict"
          | "position_moved"
          | "log_replaced"
          | "topic_recreated"
          | "record_corrupt"
          | "id_conflict"
          | "config_invalid"
          | "internal";
      }[];
      /** @description The `after` that continues */
      next: string | null;
    };
    ArchiveObject: {
      topic: string;
      partition: number;
      firstOffset: string;
      lastOffset: string;
      key: string | null;
      format: string;
      events: number;
      bytes: number;
      sha256: string;
      /** @enum {string} */
      state: "planned" | "stored";
      /** Format: date-time */
      plannedAt: string;
      /** Format: date-time */
      storedAt: string | null;
    };
    ObjectsPage: {
      objects: components["schemas"]["ArchiveObject"][];
      /** @description The `after` that continues */
      next: string | null;
    };
    QueryAnswer: {
      results: components["schemas"]["QueryRow"][];
      meta: {
        /** @enum {string} */
        source: "counts" | "rows";
        exact: {
          [key: string]: boolean;
        };
        rows_in_range: number;
        rows_read: number;
        late_events: number;
        /** Format: date-time */
        complete_up_to: string | null;
        total_rows: number | null;
        took_ms: number;
        imports_included?: boolean;
        time_labels?: string[];
        comparison?: {
          /** @enum {string} */
          source: "counts" | "rows";
          exact: {
            [key: string]: boolean;
          };
          rows_in_range: number;
          rows_read: number;
          late_events: number;
          date_range: string[];
          time_labels?: string[];
        };
      };
      query: Record<string, never>;
    };
    FunnelAnswer: {
      results: components["schemas"]["FunnelStep"][];
      meta: {
        /** @enum {string} */
        source: "rows";
        exact: boolean;
        rows_in_range: number;
        rows_read: number;
        late_events: number;
        /** Format: date-time */
        complete_up_to: string | null;
        took_ms: number;
      };
      query: Record<string, never>;
    };
    FunnelStep: {
      step: number;
      count: number;
      percentage: number | null;
      step_percentage: number | null;
      median_seconds: number | null;
    };
    QueryRow: {
      dimensions: (string | number | boolean | null)[];
      metrics: (number | null)[];
      comparison?: {
        dimensions: (string | number | boolean | null)[];
        metrics: (number | null)[];
        change: (number | null)[];
      };
    };
    MetricsFrame: {
      /** Format: date-time */
      ts: string;
      receivedTotal: number;
      writtenTotal: number;
      avgProcessingMs: number | null;
      lag: number | null;
      eventsPerSecond: {
        received: number;
        stored: number;
        archived: number;
      };
      latencyMs: {
        p50: number | null;
        p95: number | null;
        p99: number | null;
      };
      partitions: components["schemas"]["PartitionFrame"][];
      archive: {
        enabled: boolean;
        objects: number;
        events: number;
        bytes: number;
        oldestUnarchivedSeconds: number | null;
        lastKey: string | null;
      };
      duplicates: number;
      lostRecords: number;
      deadLetters: {
        total: number;
        byCode: {
          [key: string]: number;
        };
        open: number | null;
        recent: number | null;
      };
      gaps: {
        skipped: number;
        lost: number;
      } | null;
      eventTypes: {
        eventType: string;
        events: number;
      }[];
      eventTypesOther: number;
      /** Format: date-time */
      completeUpTo: string | null;
      dependencies: {
        [key: string]: {
          state: string;
          /** Format: date-time */
          since: string;
          remedy?: string;
          lastError?: {
            code: string;
            /** Format: date-time */
            at: string;
            message?: string;
          };
          lastOutage?: {
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            to: string;
            code?: string;
            message?: string;
          };
        };
      };
      otherGroups: string[];
      lastAudit: {
        /** Format: date-time */
        at: string;
        problems: number;
      } | null;
      subscribers: number;
    };
    Session: {
      keysOn: boolean;
      name: string | null;
      scopes: ("write" | "read" | "operate")[];
      /** Format: date-time */
      expiresAt: string | null;
    };
    FrameHistory: {
      seconds: number[];
      received: (number | null)[];
      stored: (number | null)[];
      archived: (number | null)[];
      lag: (number | null)[];
      archiveLag: (number | null)[];
      p50: (number | null)[];
      p99: (number | null)[];
      oldestUnarchivedSeconds: (number | null)[];
      deadLetters: (number | null)[];
    };
    CountsFrame: {
      /** Format: date-time */
      ts: string;
      /** Format: date-time */
      completeUpTo: string | null;
      minutes: components["schemas"]["MinuteCounts"][];
    };
    MinuteCounts: {
      /** Format: date-time */
      minute: string;
      events: number;
      types: {
        [key: string]: number;
      };
      other: number;
    };
    PartitionFrame: {
      partition: number;
      logStart: string | null;
      highWatermark: string | null;
      stored: string | null;
      archived: string | null;
      lag: number | null;
      archiveLag: number | null;
      lagSeconds: number | null;
      archiveLagSeconds: number | null;
      nearsRetention: string[];
      lostRecords: number;
      stopped: string | null;
      owner: string | null;
      archiveOwner: string | null;
    };
    Health: {
      /** @enum {string} */
      status: "UP" | "DOWN";
      reason?: string;
    };
    ComponentHealth: {
      status: string;
      details?: Record<string, never>;
    };
    ActuatorHealth: {
      /** @enum {string} */
      status: "UP" | "DOWN";
      components: {
        [key: string]: components["schemas"]["ComponentHealth"];
      };
    };
    Problem: {
      type: string;
      title: string;
      status: number;
      /** @enum {string} */
      code:
        | "invalid_body"
        | "json_lines"
        | "invalid_host"
        | "invalid_parameter"
        | "key_missing"
        | "key_unknown"
        | "key_scope"
        | "origin_not_allowed"
        | "proxied_without_keys"
        | "not_found"
        | "method_not_allowed"
        | "dead_letter_superseded"
        | "dead_letter_resent"
        | "dead_letter_cleared"
        | "dead_letter_too_large"
        | "body_too_slow"
        | "body_too_large"
        | "batch_too_large"
        | "unsupported_type"
        | "unsupported_encoding"
        | "host_not_allowed"
        | "sign_in_limited"
        | "batch_empty"
        | "batch_rejected"
        | "invalid_query"
        | "invalid_date_range"
        | "invalid_pattern"
        | "unknown_metric"
        | "unknown_dimension"
        | "unknown_operator"
        | "unknown_time_zone"
        | "too_many_buckets"
        | "query_too_wide"
        | "quota_exceeded"
        | "rejected_quota_exceeded"
        | "invalid_event"
        | "invalid_line"
        | "field_missing"
        | "field_unknown"
        | "field_invalid"
        | "timestamp_invalid"
        | "timestamp_out_of_range"
        | "payload_not_json"
        | "text_invalid"
        | "number_invalid"
        | "key_forbidden"
        | "event_too_large"
        | "event_too_deep"
        | "event_too_complex"
        | "event_type_not_allowed"
        | "specversion_unsupported"
        | "data_base64_unsupported"
        | "overloaded"
        | "broker_unavailable"
        | "broker_misconfigured"
        | "broker_rejected"
        | "client_unavailable"
        | "keys_unavailable"
        | "database_unavailable"
        | "database_read_only"
        | "database_misconfigured"
        | "database_rejected"
        | "archive_unavailable"
        | "archive_misconfigured"
        | "archive_conflict"
        | "position_moved"
        | "log_replaced"
        | "topic_recreated"
        | "record_corrupt"
        | "id_conflict"
        | "config_invalid"
        | "internal";
      pointer?: string;
      detail?: string;
      requestId: string;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  streamMetrics: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Server-sent events, at once and then one of each per `STREAM_INTERVAL_MS`: `metrics` is a full frame (schema MetricsFrame), `counts` has the events of the open minute and the one before by type (schema CountsFrame) */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/event-stream": string;
        };
      };
      /** @description - `invalid_host`: The Host header is malformed or missing */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `overloaded`: The service is overloaded, repeat later
       *     - `keys_unavailable`: The keys can't be checked now, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  getMetricsHistory: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Figures of the last half hour as this processor saw them, one point per 5 s */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["FrameHistory"];
        };
      };
      /** @description - `invalid_host`: The Host header is malformed or missing */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `keys_unavailable`: The keys can't be checked now, repeat later */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  listEvents: {
    parameters: {
      query?: {
        sessionId?: string;
        eventType?: string;
        /** @description JSON: a list of filters as `POST /api/v2/query` takes it */
        filters?: string;
        time?: "receivedAt" | "ts";
        /** @description `receivedAt`, or what `time` names, at or after */
        from?: string;
        /** @description `receivedAt`, or what `time` names, before */
        to?: string;
        limit?: number;
        /** @description `next` of the previous page */
        after?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Stored rows, newest first */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["EventsPage"];
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_parameter`: A query parameter or header is invalid
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `query_too_wide`: The query reads too many rows: narrow its range */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `overloaded`: The service is overloaded, repeat later
       *     - `database_unavailable`: The database can't answer now, repeat later
       *     - `database_misconfigured`: The database refuses until a right or a setting is changed
       *     - `keys_unavailable`: The keys can't be checked now, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  traceEvent: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Where one event is: accepted, log, row, archive object */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["EventTrace"];
        };
      };
      /** @description - `invalid_host`: The Host header is malformed or missing */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `overloaded`: The service is overloaded, repeat later
       *     - `database_unavailable`: The database can't answer now, repeat later
       *     - `database_misconfigured`: The database refuses until a right or a setting is changed
       *     - `keys_unavailable`: The keys can't be checked now, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  listDeadLetters: {
    parameters: {
      query?: {
        code?:
          | "invalid_body"
          | "json_lines"
          | "invalid_host"
          | "invalid_parameter"
          | "key_missing"
          | "key_unknown"
          | "key_scope"
          | "origin_not_allowed"
          | "proxied_without_keys"
          | "not_found"
          | "method_not_allowed"
          | "dead_letter_superseded"
          | "dead_letter_resent"
          | "dead_letter_cleared"
          | "dead_letter_too_large"
          | "body_too_slow"
          | "body_too_large"
          | "batch_too_large"
          | "unsupported_type"
          | "unsupported_encoding"
          | "host_not_allowed"
          | "sign_in_limited"
          | "batch_empty"
          | "batch_rejected"
          | "invalid_query"
          | "invalid_date_range"
          | "invalid_pattern"
          | "unknown_metric"
          | "unknown_dimension"
          | "unknown_operator"
          | "unknown_time_zone"
          | "too_many_buckets"
          | "query_too_wide"
          | "quota_exceeded"
          | "rejected_quota_exceeded"
          | "invalid_event"
          | "invalid_line"
          | "field_missing"
          | "field_unknown"
          | "field_invalid"
          | "timestamp_invalid"
          | "timestamp_out_of_range"
          | "payload_not_json"
          | "text_invalid"
          | "number_invalid"
          | "key_forbidden"
          | "event_too_large"
          | "event_too_deep"
          | "event_too_complex"
          | "event_type_not_allowed"
          | "specversion_unsupported"
          | "data_base64_unsupported"
          | "overloaded"
          | "broker_unavailable"
          | "broker_misconfigured"
          | "broker_rejected"
          | "client_unavailable"
          | "keys_unavailable"
          | "database_unavailable"
          | "database_read_only"
          | "database_misconfigured"
          | "database_rejected"
          | "archive_unavailable"
          | "archive_misconfigured"
          | "archive_conflict"
          | "position_moved"
          | "log_replaced"
          | "topic_recreated"
          | "record_corrupt"
          | "id_conflict"
          | "config_invalid"
          | "internal";
        partition?: number;
        limit?: number;
        /** @description `next` of the previous page */
        after?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Records set aside, newest first, without their bytes */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["DeadLettersPage"];
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_parameter`: A query parameter or header is invalid
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `overloaded`: The service is overloaded, repeat later
       *     - `database_unavailable`: The database can't answer now, repeat later
       *     - `database_misconfigured`: The database refuses until a right or a setting is changed
       *     - `keys_unavailable`: The keys can't be checked now, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  countDeadLetters: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Records set aside, counted by code: all, unresolved, first and last seen */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["DeadLetterCodes"];
        };
      };
      /** @description - `invalid_host`: The Host header is malformed or missing */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `overloaded`: The service is overloaded, repeat later
       *     - `database_unavailable`: The database can't answer now, repeat later
       *     - `database_misconfigured`: The database refuses until a right or a setting is changed
       *     - `keys_unavailable`: The keys can't be checked now, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  getDeadLetter: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description One record set aside: the exact bytes of key, value and headers until they are cleared (`clearedAt`), and what became of each resend */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["DeadLetterDetail"];
        };
      };
      /** @description - `invalid_host`: The Host header is malformed or missing */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `overloaded`: The service is overloaded, repeat later
       *     - `database_unavailable`: The database can't answer now, repeat later
       *     - `database_misconfigured`: The database refuses until a right or a setting is changed
       *     - `keys_unavailable`: The keys can't be checked now, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  listArchiveObjects: {
    parameters: {
      query?: {
        partition?: number;
        state?: "planned" | "stored";
        limit?: number;
        /** @description `next` of the previous page */
        after?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Ranges of the log that the archive has planned and stored */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ObjectsPage"];
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_parameter`: A query parameter or header is invalid
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `overloaded`: The service is overloaded, repeat later
       *     - `database_unavailable`: The database can't answer now, repeat later
       *     - `database_misconfigured`: The database refuses until a right or a setting is changed
       *     - `keys_unavailable`: The keys can't be checked now, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  queryEvents: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /** @description a text; it is accepted and not used */
          site_id?: string;
          /** @description a word such as 24h, or two dates or times */
          date_range: string | string[];
          /** @description a list of filters, such as ["is", "event:name", ["page_view"]] */
          filters?: unknown[];
          /** @description the name of a time zone */
          timezone?: string;
          /** @description a list of 1 to 20 metrics */
          metrics: string[];
          /** @description a list of up to 3 dimensions */
          dimensions?: string[];
          /** @description a list such as [["events", "desc"]] */
          order_by?: string[][];
          /** @description an object with any of time_labels, total_rows, imports and comparisons */
          include?: {
            /** @description true or false */
            time_labels?: boolean;
            /** @description true or false */
            total_rows?: boolean;
            /** @description true or false */
            imports?: boolean;
            /** @description {"mode": "previous_period"} or {"mode": "year_over_year"} */
            comparisons?: {
              /** @description previous_period or year_over_year */
              mode: "previous_period" | "year_over_year";
            };
          };
          /** @description an object with limit and offset */
          pagination?: {
            /** @description a whole number from 1 to 10000 */
            limit?: number;
            /** @description a whole number from 0 to 1000000 */
            offset?: number;
          };
        };
      };
    };
    responses: {
      /** @description Counts events, sessions and properties by time, type and property; `Accept: text/csv` gives CSV */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["QueryAnswer"];
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       *     - `invalid_query`: A field of the query has a wrong form
       *     - `invalid_date_range`: The date range can't be used
       *     - `invalid_pattern`: The regular expression can't be used
       *     - `unknown_dimension`: There is no such dimension
       *     - `unknown_operator`: There is no such operator of filters
       *     - `unknown_time_zone`: There is no such time zone
       *     - `unknown_metric`: There is no such metric
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       *     - `key_scope`: This key is not meant for this, or not for this place
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_large`: The body is too large */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `query_too_wide`: The query reads too many rows: narrow its range
       *     - `too_many_buckets`: The range has too many buckets of this length
       */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `overloaded`: The service is overloaded, repeat later
       *     - `database_unavailable`: The database can't answer now, repeat later
       *     - `database_misconfigured`: The database refuses until a right or a setting is changed
       *     - `keys_unavailable`: The keys can't be checked now, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  queryFunnel: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /** @description a text; it is accepted and not used */
          site_id?: string;
          /** @description a word such as 24h, or two dates or times */
          date_range: string | string[];
          /** @description a list of filters, such as ["is", "event:name", ["page_view"]] */
          filters?: unknown[];
          /** @description the name of a time zone */
          timezone?: string;
          /** @description a list of 2 to 8 filters, such as [["is", "event:name", ["page_view"]], ["is", "event:name", ["purchase"]]] */
          steps: unknown[][];
          /** @description a time such as 90s, 30m, 24h or 7d, of at most 31 days */
          window: string;
          /** @description session, event:page or event:props:<path> */
          by?: string;
        };
      };
    };
    responses: {
      /** @description How many sessions, or values of a property, came how far through a list of steps, and how long that took */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["FunnelAnswer"];
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       *     - `invalid_query`: A field of the query has a wrong form
       *     - `invalid_date_range`: The date range can't be used
       *     - `invalid_pattern`: The regular expression can't be used
       *     - `unknown_dimension`: There is no such dimension
       *     - `unknown_operator`: There is no such operator of filters
       *     - `unknown_time_zone`: There is no such time zone
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       *     - `key_scope`: This key is not meant for this, or not for this place
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_large`: The body is too large */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `query_too_wide`: The query reads too many rows: narrow its range */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `overloaded`: The service is overloaded, repeat later
       *     - `database_unavailable`: The database can't answer now, repeat later
       *     - `database_misconfigured`: The database refuses until a right or a setting is changed
       *     - `keys_unavailable`: The keys can't be checked now, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  resendDeadLetter: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": Record<string, never>;
      };
    };
    responses: {
      /** @description Sends one record again; 202 when Kafka has it. One copy at a time: 409 until it is known what became of the last one. Its event keeps its id. One whose cause is still there becomes a dead letter again, which replaces it: an `id_conflict` always, and what can't be decoded, unless a newer version can */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Resent"];
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       *     - `key_scope`: This key is not meant for this, or not for this place
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `dead_letter_superseded`: A newer dead letter has replaced this one: send that one
       *     - `dead_letter_resent`: A copy of this dead letter is on its way already
       */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `dead_letter_cleared`: The dead letter's bytes were cleared after it was resolved */
      410: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_large`: The body is too large */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `dead_letter_too_large`: The dead letter is larger than the topic accepts */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `overloaded`: The service is overloaded, repeat later
       *     - `broker_unavailable`: Kafka can't store the events now, repeat later
       *     - `database_unavailable`: The database can't answer now, repeat later
       *     - `database_read_only`: The database takes no writes now, repeat later
       *     - `database_misconfigured`: The database refuses until a right or a setting is changed
       *     - `keys_unavailable`: The keys can't be checked now, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  resendDeadLetters: {
    parameters: {
      query: {
        code:
          | "invalid_body"
          | "json_lines"
          | "invalid_host"
          | "invalid_parameter"
          | "key_missing"
          | "key_unknown"
          | "key_scope"
          | "origin_not_allowed"
          | "proxied_without_keys"
          | "not_found"
          | "method_not_allowed"
          | "dead_letter_superseded"
          | "dead_letter_resent"
          | "dead_letter_cleared"
          | "dead_letter_too_large"
          | "body_too_slow"
          | "body_too_large"
          | "batch_too_large"
          | "unsupported_type"
          | "unsupported_encoding"
          | "host_not_allowed"
          | "sign_in_limited"
          | "batch_empty"
          | "batch_rejected"
          | "invalid_query"
          | "invalid_date_range"
          | "invalid_pattern"
          | "unknown_metric"
          | "unknown_dimension"
          | "unknown_operator"
          | "unknown_time_zone"
          | "too_many_buckets"
          | "query_too_wide"
          | "quota_exceeded"
          | "rejected_quota_exceeded"
          | "invalid_event"
          | "invalid_line"
          | "field_missing"
          | "field_unknown"
          | "field_invalid"
          | "timestamp_invalid"
          | "timestamp_out_of_range"
          | "payload_not_json"
          | "text_invalid"
          | "number_invalid"
          | "key_forbidden"
          | "event_too_large"
          | "event_too_deep"
          | "event_too_complex"
          | "event_type_not_allowed"
          | "specversion_unsupported"
          | "data_base64_unsupported"
          | "overloaded"
          | "broker_unavailable"
          | "broker_misconfigured"
          | "broker_rejected"
          | "client_unavailable"
          | "keys_unavailable"
          | "database_unavailable"
          | "database_read_only"
          | "database_misconfigured"
          | "database_rejected"
          | "archive_unavailable"
          | "archive_misconfigured"
          | "archive_conflict"
          | "position_moved"
          | "log_replaced"
          | "topic_recreated"
          | "record_corrupt"
          | "id_conflict"
          | "config_invalid"
          | "internal";
        limit?: number;
        /** @description `next` of the previous page */
        after?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": Record<string, never>;
      };
    };
    responses: {
      /** @description Sends the records of one code again, oldest first, that are not resolved and not on their way. `next` means that more are left; send it as `after` to continue */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ResentMany"];
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_parameter`: A query parameter or header is invalid
       *     - `invalid_body`: The body can't be read
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       *     - `key_scope`: This key is not meant for this, or not for this place
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_large`: The body is too large */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `overloaded`: The service is overloaded, repeat later
       *     - `broker_unavailable`: Kafka can't store the events now, repeat later
       *     - `database_unavailable`: The database can't answer now, repeat later
       *     - `database_read_only`: The database takes no writes now, repeat later
       *     - `database_misconfigured`: The database refuses until a right or a setting is changed
       *     - `keys_unavailable`: The keys can't be checked now, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  linkEditedEvent: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          eventId: string;
          partition: number;
          offset: string;
        };
      };
    };
    responses: {
      /** @description Links a dead letter to the event that was made of it and sent through ingest, by what ingest answered. The letter is resolved when that event is a row */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Resent"];
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       *     - `key_scope`: This key is not meant for this, or not for this place
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `dead_letter_superseded`: A newer dead letter has replaced this one: send that one */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_large`: The body is too large */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `overloaded`: The service is overloaded, repeat later
       *     - `broker_unavailable`: Kafka can't store the events now, repeat later
       *     - `database_unavailable`: The database can't answer now, repeat later
       *     - `database_read_only`: The database takes no writes now, repeat later
       *     - `database_misconfigured`: The database refuses until a right or a setting is changed
       *     - `keys_unavailable`: The keys can't be checked now, repeat later
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  getSession: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Who is signed in, and what they may do */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Session"];
        };
      };
      /** @description - `invalid_host`: The Host header is malformed or missing */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `keys_unavailable`: The keys can't be checked now, repeat later */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  signIn: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          key: string;
          /** @description Where the page lies: the cookie is sent below it only. `/` when absent */
          path?: string;
        };
      };
    };
    responses: {
      /** @description Signs in with a key that may read or operate; the answer sets a cookie */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Session"];
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `key_unknown`: There is no such key, or it was revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_large`: The body is too large */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `sign_in_limited`: Too many failed sign-ins from this address, try again later */
      429: {
        headers: {
          "Retry-After"?: number;
          /** @description What the key may use: `q` in each `w` seconds, and as much at once. */
          "RateLimit-Policy"?: string;
          /** @description What is left: `r`, and the seconds until there is more, `t`. */
          RateLimit?: string;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `keys_unavailable`: The keys can't be checked now, repeat later
       *     - `database_unavailable`: The database can't answer now, repeat later
       *     - `database_read_only`: The database takes no writes now, repeat later
       *     - `database_misconfigured`: The database refuses until a right or a setting is changed
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  signOut: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /** @description Where the page lies: the cookie is sent below it only. `/` when absent */
          path?: string;
        };
      };
    };
    responses: {
      /** @description Ends the session */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Session"];
        };
      };
      /**
       * @description - `invalid_host`: The Host header is malformed or missing
       *     - `invalid_body`: The body can't be read
       */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `origin_not_allowed`: Pages of this origin may change nothing here
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_slow`: The body came too slowly */
      408: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `body_too_large`: The body is too large */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `unsupported_type`: The content type is not supported
       *     - `unsupported_encoding`: The content encoding is not supported
       */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `keys_unavailable`: The keys can't be checked now, repeat later
       *     - `database_unavailable`: The database can't answer now, repeat later
       *     - `database_read_only`: The database takes no writes now, repeat later
       *     - `database_misconfigured`: The database refuses until a right or a setting is changed
       */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  getLive: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The process runs */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Health"];
        };
      };
      /** @description - `invalid_host`: The Host header is malformed or missing */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  getReady: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Kafka and PostgreSQL answer, the rows' pipeline has joined its group, and the service isn't stopping */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Health"];
        };
      };
      /** @description - `invalid_host`: The Host header is malformed or missing */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The service should get no requests now */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["Health"];
        };
      };
    };
  };
  getActuatorHealth: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Every dependency is up */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ActuatorHealth"];
        };
      };
      /** @description - `invalid_host`: The Host header is malformed or missing */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The service should get no requests now */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": components["schemas"]["ActuatorHealth"];
        };
      };
    };
  };
  getMetrics: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Prometheus' text form */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/plain": string;
        };
      };
      /** @description - `invalid_host`: The Host header is malformed or missing */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `key_missing`: A key is needed: send it as Authorization: Bearer
       *     - `key_unknown`: There is no such key, or it was revoked
       */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /**
       * @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone
       *     - `key_scope`: This key is not meant for this, or not for this place
       */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `keys_unavailable`: The keys can't be checked now, repeat later */
      503: {
        headers: {
          "Retry-After"?: number;
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  getOpenApi: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description This document */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": Record<string, never>;
        };
      };
      /** @description - `invalid_host`: The Host header is malformed or missing */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `proxied_without_keys`: The request came through a proxy, but the service is open to this machine alone */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `not_found`: There is nothing here */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `method_not_allowed`: This method is not allowed here */
      405: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `host_not_allowed`: This service does not answer for the host in the Host header */
      421: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description - `internal`: Internal error */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
}

/**
 * The statements that read the keys from PostgreSQL, for both services. They name the schema, so
 * that no setting of a session matters, and need `select` on `api_keys` and `key_changes` alone.
 */

/** One row with `version`: a text that every change of the keys moves. */
export function keyVersionStatement(schema: string): string {
  return `select version::text as version from "${schema}".key_changes`;
}

/**
 * One row with `keys`: the JSON text of a KeySet, in one snapshot. Keys that are revoked are not
 * in it.
 */
export function keySetStatement(schema: string): string {
  return `select json_build_object(
      'version', (select version::text from "${schema}".key_changes),
      'keys', coalesce(json_agg(json_build_object(
        'hash', encode(hash, 'hex'), 'name', name, 'scopes', to_json(scopes),
        'origins', to_json(origins), 'eventTypes', to_json(event_types),
        'eventsPerSecond', events_per_second, 'bytesPerSecond', bytes_per_second)), '[]')
    )::text as keys
    from "${schema}".api_keys where revoked_at is null`;
}

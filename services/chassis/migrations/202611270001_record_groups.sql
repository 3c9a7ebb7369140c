-- The last step of every commit, for one command or for a group of them: who made an event happen stands with the event, and each command has its
-- answer. Otherwise as `record_commit`, which stays for processes of the program before this one: during an upgrade both write, and both lock
-- the buckets in ascending order.
create function record_group(
    kinds text[], ids text[], expected bigint[], versions bigint[], states text[], hashes bytea[], dues timestamptz[],
    event_kinds text[], event_ids text[], event_versions bigint[], ats timestamptz[], actors text[], events text[], event_hashes bytea[],
    callers text[], keys text[], fingerprints bytea[], touches text[], answered timestamptz[],
    buckets smallint[], fact_ids uuid[], subjects text[], bodies bytea[]
) returns boolean language plpgsql
-- Rows are found by their key, one by one: a plan made while the tables were small must not read them whole when they have grown.
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
    changed bigint;
    created bigint;
    kept    bigint;
    locked  smallint;
begin
    -- Known aggregates were loaded `for update`; only a creation can meet another one here.
    update aggregates as a set version = n.version, state = n.state::json, hash = n.hash, due_at = n.due_at
        from unnest(kinds, ids, expected, versions, states, hashes, dues) as n (kind, id, expected, version, state, hash, due_at)
        where n.expected > 0 and a.kind = n.kind and a.id = n.id and a.version = n.expected;
    get diagnostics changed = row_count;
    insert into aggregates (kind, id, version, state, hash, due_at)
        select n.kind, n.id, n.version, n.state::json, n.hash, n.due_at
        from unnest(kinds, ids, expected, versions, states, hashes, dues) as n (kind, id, expected, version, state, hash, due_at)
        where n.expected = 0
        on conflict do nothing;
    get diagnostics created = row_count;
    if changed + created <> cardinality(kinds) then
        return false;
    end if;
    insert into history (kind, id, version, at, actor, event, hash)
        select n.kind, n.id, n.version, n.at, n.actor, n.event, n.hash
        from unnest(event_kinds, event_ids, event_versions, ats, actors, events, event_hashes) as n (kind, id, version, at, actor, event, hash);
    insert into commands (caller, idempotency_key, fingerprint, touched, at)
        select n.caller, n.key, n.fingerprint, n.touched::json, n.at
        from unnest(callers, keys, fingerprints, touches, answered) as n (caller, key, fingerprint, touched, at)
        on conflict do nothing;
    get diagnostics kept = row_count;
    if kept <> cardinality(callers) then
        return false;
    end if;
    for locked in select distinct b from unnest(buckets) as b order by b loop
        perform pg_advisory_xact_lock(hashtext(current_schema()), locked);
    end loop;
    insert into outbox (bucket, event_id, subject, body)
        select n.bucket, n.event_id, n.subject, n.body
        from unnest(buckets, fact_ids, subjects, bodies) with ordinality as n (bucket, event_id, subject, body, nth) order by n.nth;
    return true;
end
$$;

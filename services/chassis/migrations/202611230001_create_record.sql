-- The record of a service: what is, what happened, what is to be told. Every service has these tables in its own schema.

-- What is: one row per aggregate, written only by `execute`. `due_at` is the earliest instant at which something happens by itself.
create table aggregates (
    kind     text        not null,
    id       text        not null,
    version  bigint      not null check (version > 0),
    state    json        not null,
    hash     bytea       not null,
    due_at   timestamptz,
    primary key (kind, id)
);
create index aggregates_due on aggregates (due_at) where due_at is not null;

-- What happened: the audit file. Each row's hash covers the one before it, so a change behind the back is seen.
create table history (
    kind     text        not null,
    id       text        not null,
    version  bigint      not null check (version > 0),
    at       timestamptz not null,
    actor    text        not null,
    event    text        not null,
    hash     bytea       not null,
    primary key (kind, id, version)
);

-- What was answered: a repeat of a command finds the versions that the first one made.
create table commands (
    caller          text        not null,
    idempotency_key text        not null,
    fingerprint     bytea       not null,
    touched         json        not null,
    at              timestamptz not null,
    primary key (caller, idempotency_key)
);

-- What is to be told: the exact bytes, in commit order within a bucket.
create table outbox (
    bucket    smallint not null,
    seq       bigint   generated always as identity,
    event_id  uuid     not null,
    subject   text     not null,
    body      bytea    not null,
    primary key (bucket, seq)
);

-- How far the relay has told it.
create table relay_cursors (
    bucket smallint primary key,
    seq    bigint   not null
);
insert into relay_cursors (bucket, seq) select bucket, 0 from generate_series(0, 63) as bucket;

-- Which process does what only one may do. A holder that was overtaken writes nothing: its epoch is too old.
create table leases (
    name   text        primary key,
    holder uuid        not null,
    epoch  bigint      not null,
    until  timestamptz not null
);

-- Which facts of others have had their effect here.
create table inbox (
    source   text not null,
    event_id uuid not null,
    primary key (source, event_id)
);

-- How far a consumer has read. `stream_created` tells a rebuilt stream from the one that was read before.
create table inbox_cursors (
    source         text        primary key,
    stream_created text        not null,
    sequence       bigint      not null
);

-- Facts that could not be handled, with the reason. Nothing is deleted: a replayed row says when.
create table parked (
    id          bigint      generated always as identity primary key,
    source      text        not null,
    event_id    uuid        not null,
    aggregate   text        not null,
    subject     text        not null,
    body        bytea       not null,
    reason      text        not null,
    parked_at   timestamptz not null default now(),
    replayed_at timestamptz,
    unique (source, event_id)
);
create index parked_waiting on parked (source, aggregate) where replayed_at is null;

-- The last step of every commit: locks the buckets in ascending order and only then draws the sequence numbers, so that within a bucket
-- the order of numbers is the order of commits. Returns false when another commit was first: the caller rolls back and tries again.
create function record_commit(
    kinds text[], ids text[], expected bigint[], versions bigint[], states text[], hashes bytea[], dues timestamptz[],
    event_kinds text[], event_ids text[], event_versions bigint[], ats timestamptz[], event_actor text, events text[], event_hashes bytea[],
    command_caller text, command_key text, command_fingerprint bytea, command_touched text, command_at timestamptz,
    buckets smallint[], fact_ids uuid[], subjects text[], bodies bytea[]
) returns boolean language plpgsql as $$
declare
    changed bigint;
    created bigint;
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
        select n.kind, n.id, n.version, n.at, event_actor, n.event, n.hash
        from unnest(event_kinds, event_ids, event_versions, ats, events, event_hashes) as n (kind, id, version, at, event, hash);
    if command_key is not null then
        insert into commands (caller, idempotency_key, fingerprint, touched, at)
            values (command_caller, command_key, command_fingerprint, command_touched::json, command_at)
            on conflict do nothing;
        if not found then
            return false;
        end if;
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

-- Whose rooms there are: who opened one and who is called into it. The room itself is in `aggregates`, and so is every entry.
create table room_members (
    room_id   text        not null,
    party     text        not null,
    status    text        not null check (status in ('open', 'closed')),
    opened_at timestamptz not null,
    primary key (room_id, party)
);
create index room_members_newest on room_members (party, opened_at desc, room_id desc);

-- What was said in a room, in its order.
create table room_entries (
    entry_id text        collate "C" primary key,
    room_id  text        not null,
    added_at timestamptz not null
);
create index room_entries_in_order on room_entries (room_id, added_at, entry_id);

-- Facts that concern a room, as they are on the bus. Copies of one fact for several addressees share their `point`: aggregate, version and fact.
create table room_facts (
    room_id      text        not null,
    event_id     uuid        not null,
    aggregate_id text        not null,
    happened_at  timestamptz not null,
    point        text        collate "C" not null,
    body         bytea       not null,
    primary key (room_id, event_id)
);
create index room_facts_in_order on room_facts (room_id, happened_at, point);

-- How far the stream was read for a room. `stream_created` tells a rebuilt stream from the one that was read before.
create table room_readings (
    room_id        text        primary key,
    stream_created text        not null,
    position       bigint      not null,
    read_at        timestamptz not null
);

-- What lists of conversations are searched by, and what statements and judgements are taken by; the conversation itself is in `aggregates`. Judging holds this row
-- shared, closing and making statements hold it alone: so a judgement is either counted or refused.
create table conversations (
    conversation_id     text        collate "C" primary key,
    topic_id            text        collate "C" not null,
    area_code           text        collate "C" not null,
    opened_at           timestamptz not null,
    closes_at           timestamptz not null,
    closed              boolean     not null,
    statements_per_slip integer     not null
);
create index conversations_of_topic on conversations (topic_id, opened_at desc, conversation_id desc);

-- Keyed digests of the codes of slips. The number of a slip means nothing.
create table conversation_slips (
    conversation_id text    collate "C" not null,
    digest          text    collate "C" not null,
    slip            integer not null,
    primary key (conversation_id, digest)
);

-- Statements. They do not say which slip made them.
create table conversation_statements (
    conversation_id text    collate "C" not null,
    number          integer not null,
    text            text    not null,
    seed            boolean not null,
    status          text    not null check (status in ('waiting', 'accepted', 'rejected')),
    rejection       text    check (rejection in ('names_a_person', 'abuse', 'off_topic', 'duplicate', 'several_in_one', 'advertising')),
    primary key (conversation_id, number)
);

-- What was said with each slip, by number of the statement. `changes` counts what was said, also where something else was said before.
create table conversation_voices (
    conversation_id text    collate "C" not null,
    slip            integer not null,
    judged          integer not null,
    changes         bigint  not null,
    judgements      jsonb   not null,
    primary key (conversation_id, slip)
);

-- What lists of pools are searched by; the pool itself is in `aggregates`.
create table pools (
    pool_id   text        collate "C" primary key,
    topic_id  text        collate "C" not null,
    area_code text        collate "C" not null,
    opened_at timestamptz not null,
    -- True while its lottery waits to be computed: whoever starts finds it here.
    computing boolean     not null
);
create index pools_newest on pools (topic_id, opened_at desc, pool_id desc);
create index pools_computing on pools (pool_id) where computing;

-- What volunteers said of themselves. It is in no state and no history, so that what is deleted here is gone.
create table pool_volunteers (
    pool_id   text      collate "C" not null,
    number    integer   not null check (number > 0),
    -- Keyed digest, another one in every pool; none where households are not asked for.
    household text      collate "C",
    -- Of each category the place of the feature.
    features  integer[] not null,
    primary key (pool_id, number)
);

-- Tickets as they were published: those of the lottery are round 0, those for replacements follow.
create table pool_tickets (
    pool_id text    collate "C" not null,
    round   integer not null check (round >= 0),
    tickets text    not null,
    -- Number of the volunteer of each row.
    numbers integer[] not null,
    -- The chance of each row in the lottery; empty for replacements.
    chances double precision[] not null,
    primary key (pool_id, round)
);

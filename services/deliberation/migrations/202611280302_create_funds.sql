-- What lists of funds are searched by; the fund itself is in `aggregates`. Who casts a slip locks the row for sharing, who closes the fund for changing, so that
-- exactly what was cast is counted.
create table funds (
    fund_id   text        collate "C" primary key,
    topic_id  text        collate "C" not null,
    area_code text        collate "C" not null,
    opened_at timestamptz not null,
    closes_at timestamptz not null,
    -- True from publication until the closing.
    published boolean     not null,
    -- True while its outcome waits to be computed: whoever starts finds it here.
    computing boolean     not null
);
create index funds_newest on funds (topic_id, opened_at desc, fund_id desc);
create index funds_computing on funds (fund_id) where computing;

-- Slips, by a keyed digest of their code. There is neither an instant nor a caller in it, and the order of digests means nothing.
create table fund_slips (
    fund_id  text      collate "C" not null,
    slip     text      collate "C" not null,
    -- Projects that were approved of; none until it is cast.
    projects integer[],
    -- Its number among the ballots, once the fund is closed.
    number   integer,
    -- What its share has paid for, once that is known.
    share    json,
    primary key (fund_id, slip)
);

-- Public records of decided funds, as they were digested.
create table fund_records (
    fund_id text collate "C" primary key,
    record  text not null
);

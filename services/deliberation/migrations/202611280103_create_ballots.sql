-- What lists of ballots are searched by, and what casting a vote is decided by; the ballot itself is in `aggregates`. A vote holds this row shared, a count alone:
-- so a vote is either counted or refused.
create table ballots (
    ballot_id   text        collate "C" primary key,
    topic_id    text        collate "C" not null,
    area_code   text        collate "C" not null,
    prepared_at timestamptz not null,
    opens_at    timestamptz not null,
    closes_at   timestamptz not null,
    counted     boolean     not null
);
create index ballots_of_topic on ballots (topic_id, prepared_at desc, ballot_id desc);

-- The roll: numbers, no names.
create table electors (
    ballot_id text    collate "C" not null,
    number    integer not null,
    area      bigint  not null,
    unsold    boolean not null,
    primary key (ballot_id, number)
);

-- Digests of the codes of slips. In an open ballot the slip has the number of its elector; in a secret one its number means nothing.
create table slips (
    ballot_id text    collate "C" not null,
    digest    text    collate "C" not null,
    slip      integer not null,
    primary key (ballot_id, digest)
);

-- Votes by slip. `choice` is empty while a paper vote was entered by one person only, or was struck out.
create table votes (
    ballot_id    text    collate "C" not null,
    slip         integer not null,
    choice       text    check (choice in ('for', 'against', 'abstain')),
    half_entered boolean not null,
    primary key (ballot_id, slip)
);

-- Public records of counted ballots, as they were digested and sealed.
create table ballot_records (
    ballot_id text collate "C" primary key,
    record    text not null
);

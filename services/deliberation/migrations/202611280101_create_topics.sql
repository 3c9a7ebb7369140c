-- The secret from which digests of households, codes of slips and the seal are made, where the deployment gives none.
create table secrets (
    id  integer primary key check (id = 1),
    hex text    not null
);

-- What lists of topics are searched by; the topic itself is in `aggregates`.
create table topics (
    topic_id    text        collate "C" primary key,
    area_code   text        collate "C" not null,
    status      text        not null check (status in ('open', 'scheduled', 'merged', 'declined', 'resolved')),
    proposed_at timestamptz not null,
    -- When the session of its agenda meets; a topic that came to nothing there waits for the next one afterwards.
    meets_at    timestamptz,
    -- Place, or community and category, whose cases raised it; none for one that a person proposed.
    raised_for  text        collate "C",
    -- True once so many cases are behind it that no more are noted.
    is_full     boolean     not null
);
create index topics_newest on topics (area_code, proposed_at desc, topic_id desc);
-- Of one place there is one raised topic at a time.
create unique index topics_raised on topics (raised_for) where status in ('open', 'scheduled');

-- Which cases are behind which topic.
create table topic_cases (
    case_id  text collate "C" not null,
    topic_id text collate "C" not null,
    primary key (case_id, topic_id)
);
create index topic_cases_of_topic on topic_cases (topic_id);

-- What was reported where: cases as the bus tells them, so that many at one place are seen.
create table demands (
    case_id       text        collate "C" primary key,
    area_code     text        collate "C" not null,
    place         text        collate "C" not null,
    cluster       text        collate "C" not null,
    category_code text        not null,
    registered_at timestamptz not null
);
create index demands_at_place on demands (place, registered_at);
create index demands_of_cluster on demands (cluster, registered_at);

-- What visits are listed by. A withdrawn visit is not listed and has no row; its history stays.
create table follow_up_visits (
    visit_id    uuid        primary key,
    case_id     uuid        not null,
    round       integer     not null check (round > 0),
    area_code   text        collate "C" not null,
    opened_at   timestamptz not null,
    recorded_at timestamptz
);
create index follow_up_visits_listed on follow_up_visits ((recorded_at is not null), opened_at, visit_id);
create index follow_up_visits_of_case on follow_up_visits (case_id);

-- What lists of resolutions are searched by; the resolution itself is in `aggregates`.
create table resolutions (
    resolution_id text        collate "C" primary key,
    area_code     text        collate "C" not null,
    adopted_at    timestamptz not null
);
create index resolutions_newest on resolutions (area_code, adopted_at desc, resolution_id desc);

-- Which goal is of which resolution, and which case it became.
create table goals (
    goal_id       text collate "C" primary key,
    resolution_id text collate "C" not null,
    case_id       text collate "C"
);
create unique index goals_by_case on goals (case_id) where case_id is not null;

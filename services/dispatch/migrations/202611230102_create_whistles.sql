-- What lists of whistles are searched by; the whistle itself is in `aggregates`.
create table whistles (
    whistle_id text        primary key,
    case_id    text        not null,
    area_code  text        not null,
    open       boolean     not null,
    refused    boolean     not null,
    sounded_at timestamptz not null
);
create index whistles_by_area on whistles (area_code text_pattern_ops, sounded_at desc, whistle_id desc);
create index whistles_by_case on whistles (case_id);

-- Which departments a whistle calls.
create table summonses (
    whistle_id      text        not null,
    department_code text        not null,
    sounded_at      timestamptz not null,
    primary key (whistle_id, department_code)
);
create index summonses_by_department on summonses (department_code, sounded_at desc, whistle_id desc);

-- Departments as organization told of them.
create table departments (
    department_code text primary key,
    name_zh         text not null,
    name_en         text not null
);

-- What reporting makes of the facts on the bus. Every row follows from the stream alone, in its order: no serials, no now(), so that a replay gives
-- the same bytes. Codes are compared byte by byte ("C"), so that an area's part of a table is one range of an index.

-- Divisions as the bus told them. An abolished one keeps its name for the cases that are still there.
create table areas (
    area_code text    collate "C" primary key,
    name      text    not null,
    abolished boolean not null default false
);

-- Codes that divisions had before. Facts told under a former code are counted under the present one.
create table recodings (
    former    text collate "C" primary key,
    area_code text collate "C" not null
);

-- The present code of a place; the longest known former code decides.
create function current_area(code text) returns text language sql stable as $$
    select coalesce(
        (select r.area_code || substr(code, length(r.former) + 1) from recodings r
         where starts_with(code, r.former) order by length(r.former) desc limit 1),
        code)
$$;

-- One row per case. A row without `registered_at` is of a case whose registration the stream no longer holds, or not yet: known as far as told,
-- counted in no figure.
create table cases (
    case_id          uuid        primary key,
    area_code        text        collate "C" not null,
    category_code    text        collate "C" not null default '',
    phase            text        not null default 'registered' check (phase in
                     ('registered', 'handling', 'consulting', 'whistled', 'settled', 'following_up', 'closed', 'void')),
    rung             text        not null default 'community' check (rung in ('community', 'sub_district', 'district')),
    round            integer     not null default 1,
    registered_at    timestamptz,
    -- Day of registration, local time of the city.
    day              date,
    accept_due_at    timestamptz,
    accepted_at      timestamptz,
    accepted_late    boolean,
    -- True from the moment the limit for accepting ran out unmet; stays.
    accept_overdue   boolean     not null default false,
    answer_due_at    timestamptz,
    settled_at       timestamptz,
    settled_late     boolean,
    verified_at      timestamptz,
    closed_at        timestamptz,
    voided_at        timestamptz,
    -- True while the running clock has run out, as the bus told it.
    overdue          boolean     not null default false,
    reporter_count   integer     not null default 1,
    sent_back        integer     not null default 0,
    reopened         integer     not null default 0,
    reminded         integer     not null default 0,
    -- The whistle that is open.
    whistle_id       uuid,
    suspension_asked boolean     not null default false,
    suspended_until  timestamptz,
    -- Sums over `ratings`, kept here so that figures need no join.
    rated            integer     not null default 0,
    satisfied        integer     not null default 0,
    not_reached      integer     not null default 0
);
create index cases_area on cases (area_code, day);
create index cases_open on cases (area_code) where phase in ('registered', 'handling', 'consulting', 'whistled');

-- One row per whistle and called department. A row without `sounded_at` is of a whistle whose sounding the stream no longer holds; not counted.
create table summonses (
    whistle_id        uuid        not null,
    department_code   text        collate "C" not null,
    case_id           uuid        not null,
    sounded_at        timestamptz,
    sign_for_due_at   timestamptz,
    contact_due_at    timestamptz,
    report_in_due_at  timestamptz,
    finish_due_at     timestamptz,
    signed_for_at     timestamptz,
    signed_for_late   boolean,
    contacted_at      timestamptz,
    contacted_late    boolean,
    reported_in_at    timestamptz,
    reported_in_late  boolean,
    finished_at       timestamptz,
    finished_late     boolean,
    -- True from the moment the limit ran out unmet; stays, but for `finish`, which rework starts anew.
    sign_for_overdue  boolean     not null default false,
    contact_overdue   boolean     not null default false,
    report_in_overdue boolean     not null default false,
    finish_overdue    boolean     not null default false,
    supervised        boolean     not null default false,
    reminded          integer     not null default 0,
    reworks           integer     not null default 0,
    tasks             integer     not null default 0,
    evidence          integer     not null default 0,
    -- True while the arbiter has not decided.
    refused           boolean     not null default false,
    excused_at        timestamptz,
    accepted_at       timestamptz,
    withdrawn_at      timestamptz,
    primary key (whistle_id, department_code)
);
create index summonses_case on summonses (case_id);

-- One row per judgement of a reporter.
create table ratings (
    case_id  uuid        not null,
    round    integer     not null,
    reporter integer     not null,
    rating   text        not null check (rating in ('satisfied', 'fairly_satisfied', 'not_satisfied', 'not_reached')),
    rated_at timestamptz not null,
    primary key (case_id, round, reporter)
);

-- The newest facts of each community in one line each; older ones are deleted now and then as newer ones come.
create table happenings (
    community       text        collate "C" not null,
    happened_at     timestamptz not null,
    event_id        uuid        not null,
    fact            text        not null,
    case_id         uuid        not null,
    area_code       text        collate "C" not null,
    department_code text        not null,
    primary key (community, happened_at, event_id)
);
create index happenings_newest on happenings (happened_at desc, event_id desc);

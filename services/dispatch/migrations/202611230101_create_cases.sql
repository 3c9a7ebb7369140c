-- What lists of cases are searched by; the case itself is in `aggregates`.
create table cases (
    case_id       text             primary key,
    case_number   text             not null unique,
    area_code     text             not null,
    community     text             not null,
    category      text             not null,
    phase         text             not null,
    -- True until the case is closed or voided.
    open          boolean          not null,
    -- True while a report of the same thing joins it.
    joinable      boolean          not null,
    overdue       boolean          not null,
    spot          text             not null,
    longitude     double precision,
    latitude      double precision,
    registered_at timestamptz      not null
);
create index cases_by_area on cases (area_code text_pattern_ops, registered_at desc, case_id desc);
create index cases_joinable on cases (community, category) where joinable;

-- Numbers that people quote. A gap is no loss: a number is drawn by a registration that was refused in the end.
create sequence case_numbers;

-- How a reporter can be reached: encrypted with a key of its own, which is itself encrypted with the master key. Without its key a row is noise.
create table contacts (
    case_id    text    not null,
    reporter   integer not null,
    ciphertext bytea   not null,
    primary key (case_id, reporter)
);
create table contact_keys (
    case_id     text    not null,
    reporter    integer not null,
    wrapped_key bytea   not null,
    primary key (case_id, reporter)
);

-- The master key where the deployment gives none.
create table master_keys (
    id  integer primary key check (id = 1),
    hex text    not null
);

-- Who read contact data, when and what for.
create table contact_readings (
    id              bigint      generated always as identity primary key,
    case_id         text        not null,
    reporter        integer     not null,
    staff_id        text        not null,
    purpose         text        not null,
    idempotency_key text        not null,
    at              timestamptz not null,
    unique (staff_id, idempotency_key)
);
create index contact_readings_by_case on contact_readings (case_id, id desc);

-- What lists of procedures are searched by; the procedure itself is in `aggregates`.
create table procedures (
    procedure_id text        collate "C" primary key,
    area_code    text        collate "C" not null,
    topic_id     text        collate "C" not null,
    status       text                    not null check (status in ('open', 'failed', 'resolved', 'decision_disclosed', 'result_disclosed')),
    opened_at    timestamptz             not null
);
create index procedures_newest on procedures (area_code, opened_at desc, procedure_id desc);
-- A topic has one procedure at a time; one that failed may be begun anew.
create unique index procedures_of_topic on procedures (topic_id) where status <> 'failed';

-- What lists of meetings are searched by; the meeting itself is in `aggregates`.
create table meetings (
    meeting_id  text        collate "C" primary key,
    area_code   text        collate "C" not null,
    convened_at timestamptz not null
);
create index meetings_newest on meetings (area_code, convened_at desc, meeting_id desc);

-- Which motions were decided on which day, so that one does not come back on it before another meeting.
create table decided_motions (
    topic_id   text collate "C" not null,
    wording    text             not null,
    decided_on date             not null,
    primary key (topic_id, decided_on, wording)
);

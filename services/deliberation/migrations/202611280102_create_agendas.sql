-- What lists of agendas are searched by; the agenda itself is in `aggregates`.
create table agendas (
    agenda_id   text        collate "C" primary key,
    area_code   text        collate "C" not null,
    drawn_up_at timestamptz not null
);
create index agendas_newest on agendas (area_code, drawn_up_at desc, agenda_id desc);

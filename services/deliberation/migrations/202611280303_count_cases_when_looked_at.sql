-- Cases behind a topic are counted when somebody looks. A topic has places, each with the instant from which cases there count, and notes no case any more.

alter table demands
    -- True once it came back after it had been closed.
    add column reopened boolean not null default false;

update demands d set reopened = true
from aggregates a, json_each(a.state -> 'cases') as c (case_id, known)
where a.kind = 'topic' and c.case_id = d.case_id and (c.known ->> 'reopened')::boolean;

-- Places, or communities with a category, whose cases are behind a topic: those from `counted_from` on, and until the topic was declined or resolved. Of one place
-- there is one topic at a time; when it has ended, cases are counted anew.
create table topic_places (
    place        text        collate "C" not null,
    topic_id     text        collate "C" not null,
    counted_from timestamptz not null,
    ended_at     timestamptz,
    primary key (place, topic_id)
);
create index topic_places_of_topic on topic_places (topic_id);

-- What raised a topic is in the first line of its history. What was merged counts for the topic in which it ended.
with recursive raised as (
    select h.id, b.origin -> 'raised' ->> 'place' as place, least(min((c.known ->> 'registered_at')::timestamptz), h.at) - interval '1 microsecond' as counted_from
    from history h,
         json_to_record(h.event::json -> 'begun') as b (origin json, cases json)
         left join lateral json_array_elements(b.cases) as c (known) on true
    where h.kind = 'topic' and h.version = 1 and b.origin -> 'raised' ->> 'place' is not null
    group by h.id, h.at, b.origin ->> 'raised', b.origin -> 'raised' ->> 'place'
),
followed as (
    select r.place, r.counted_from, r.id from raised r
    union all
    select f.place, f.counted_from, a.state -> 'stage' -> 'merged' ->> 'into'
    from followed f join aggregates a on a.kind = 'topic' and a.id = f.id and a.state -> 'stage' -> 'merged' is not null
)
insert into topic_places (place, topic_id, counted_from, ended_at)
select f.place, f.id, min(f.counted_from),
       case when t.status in ('declined', 'resolved') then (select h.at from history h join aggregates a using (kind, id, version) where h.kind = 'topic' and h.id = f.id) end
from followed f join topics t on t.topic_id = f.id
where t.status <> 'merged'
group by f.place, f.id, t.status;

-- The state becomes what its history makes of it now: the places of what was merged then are counted above and stand in no state.
update aggregates a
set state = ((a.state::jsonb - 'cases')
    || jsonb_build_object(
        'places', case when t.raised_for is null or t.status = 'merged' then '{}' else (
            select jsonb_build_object(t.raised_for, least(min((c.known ->> 'registered_at')::timestamptz), h.at) - interval '1 microsecond')
            from history h left join lateral json_array_elements(h.event::json -> 'begun' -> 'cases') as c (known) on true
            where h.kind = 'topic' and h.id = a.id and h.version = 1 group by h.at
        ) end,
        'ended_at', case when t.status in ('declined', 'resolved') then (select h.at from history h where h.kind = 'topic' and h.id = a.id and h.version = a.version) end
    )
    || case when t.raised_for is null then '{}' else jsonb_build_object('origin', jsonb_build_object('raised', jsonb_build_object(
        'reason', a.state -> 'origin' -> 'raised' -> 'reason',
        'cases', (select json_array_length(h.event::json -> 'begun' -> 'cases') from history h where h.kind = 'topic' and h.id = a.id and h.version = 1)
    ))) end)::json
from topics t
where a.kind = 'topic' and t.topic_id = a.id;

drop table topic_cases;
drop index topics_raised;
alter table topics drop column raised_for, drop column is_full;

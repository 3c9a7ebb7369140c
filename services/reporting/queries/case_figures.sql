-- Counts of cases by area, category and day at once, and in total. One pass over the cases of an area.
--   $1, $2  the area's codes: from, to below
--   $3      digits of the codes by which areas are told apart
--   $4, $5  first and last day of registration; null: all
-- What each count is for stands in `rates.rs`. Cases whose registration was not seen count nowhere.
select
    case when grouping(area) = 0 then 'area' when grouping(category) = 0 then 'category'
         when grouping(day) = 0 then 'day' else 'total' end as dimension,
    coalesce(area, category, day::text, '') as key,
    count(*) as registered,
    count(*) filter (where phase in ('registered', 'handling', 'consulting', 'whistled')) as open,
    count(*) filter (where overdue and phase in ('registered', 'handling', 'consulting', 'whistled')) as overdue,
    count(*) filter (where phase in ('settled', 'following_up', 'closed')) as settled,
    count(*) filter (where phase = 'closed') as closed,
    count(*) filter (where phase = 'void') as voided,
    count(*) filter (where whistle_id is not null and phase <> 'void') as whistles_open,
    count(*) filter (where phase <> 'void' and (accepted_at is not null or accept_overdue)) as response_due,
    count(*) filter (where phase <> 'void' and accepted_at is not null and not accepted_late and not accept_overdue) as response_in_time,
    count(*) filter (where phase = 'void' and (accepted_at is not null or accept_overdue)) as response_excluded,
    count(*) filter (where phase <> 'void' and accepted_at is not null) as settlement_due,
    count(*) filter (where phase in ('settled', 'following_up', 'closed') and accepted_at is not null) as settlement_stands,
    count(*) filter (where phase = 'void' and accepted_at is not null) as settlement_excluded,
    coalesce(sum(rated) filter (where phase <> 'void'), 0) as rated,
    coalesce(sum(satisfied) filter (where phase <> 'void'), 0) as satisfied,
    coalesce(sum(not_reached + case when phase = 'void' then rated else 0 end), 0) as satisfaction_excluded
from (
    select *, left(area_code, $3) as area, category_code as category from cases
    where area_code >= $1 and area_code < $2 and registered_at is not null
      and ($4::date is null or day >= $4) and ($5::date is null or day <= $5)
) as counted
group by grouping sets ((), (area), (category), (day))

-- Counts of summonses by department, within an area and by the day on which the case was registered.
--   $1, $2  the area's codes: from, to below
--   $3, $4  first and last day of registration of the case; null: all
-- What each count is for stands in `rates.rs`. Summonses whose sounding was not seen count nowhere.
with called as (
    select s.*, c.rated, c.satisfied, c.not_reached, c.phase = 'void' as case_void,
        (s.excused_at is not null or s.withdrawn_at is not null or c.phase = 'void') as off
    from summonses s join cases c using (case_id)
    where c.area_code >= $1 and c.area_code < $2 and s.sounded_at is not null
      and ($3::date is null or c.day >= $3) and ($4::date is null or c.day <= $4)
),
-- A department that is called to a case twice is judged once by each reporter.
judged as (
    select department_code, coalesce(sum(rated), 0) as rated, coalesce(sum(satisfied), 0) as satisfied,
        coalesce(sum(not_reached), 0) as not_reached
    from (select distinct department_code, case_id, rated, satisfied, not_reached from called where not off) as once
    group by department_code
)
select
    'department' as dimension,
    called.department_code as key,
    count(*) as registered,
    count(*) filter (where not off and finished_at is null) as open,
    count(*) filter (where not off and finished_at is null and (
        (sign_for_overdue and coalesce(signed_for_at, contacted_at, reported_in_at) is null)
        or (contact_overdue and coalesce(contacted_at, reported_in_at) is null)
        or (report_in_overdue and reported_in_at is null)
        or finish_overdue)) as overdue,
    count(*) filter (where not off and finished_at is not null) as settled,
    count(*) filter (where not off and accepted_at is not null) as closed,
    count(*) filter (where off) as voided,
    count(*) filter (where not off and accepted_at is null) as whistles_open,
    count(*) filter (where not off and (reported_in_at is not null or report_in_overdue)) as response_due,
    count(*) filter (where not off and reported_in_at is not null and not reported_in_late and not report_in_overdue) as response_in_time,
    count(*) filter (where off and (reported_in_at is not null or report_in_overdue)) as response_excluded,
    count(*) filter (where not off and reported_in_at is not null) as settlement_due,
    count(*) filter (where not off and reported_in_at is not null and finished_at is not null) as settlement_stands,
    count(*) filter (where off and reported_in_at is not null) as settlement_excluded,
    coalesce(min(judged.rated), 0) as rated,
    coalesce(min(judged.satisfied), 0) as satisfied,
    coalesce(min(judged.not_reached), 0) as satisfaction_excluded
from called left join judged using (department_code)
group by called.department_code
order by called.department_code

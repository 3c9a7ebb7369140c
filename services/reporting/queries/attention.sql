-- Open cases that need somebody: those of which the running clock has run out, for longest first, then those whose clock ends first. A case that is
-- suspended waits for nobody.
--   $1, $2  the area's codes: from, to below
--   $3      at most so many
select case_id, area_code, category_code, phase, overdue, registered_at,
    case when phase = 'registered' then accept_due_at else answer_due_at end as due_at
from cases
where area_code >= $1 and area_code < $2 and registered_at is not null and suspended_until is null
  and phase in ('registered', 'handling', 'consulting', 'whistled')
order by overdue desc, due_at nulls last, case_id
limit $3

-- Writes rows of cases as they are after a batch of facts.
insert into cases (
    case_id, area_code, category_code, phase, rung, round, registered_at, day, accept_due_at, accepted_at, accepted_late,
    accept_overdue, answer_due_at, settled_at, settled_late, verified_at, closed_at, voided_at, overdue, reporter_count, sent_back,
    reopened, reminded, whistle_id, suspension_asked, suspended_until, rated, satisfied, not_reached
)
select
    case_id, area_code, category_code, phase, rung, round, registered_at, day, accept_due_at, accepted_at, accepted_late,
    accept_overdue, answer_due_at, settled_at, settled_late, verified_at, closed_at, voided_at, overdue, reporter_count, sent_back,
    reopened, reminded, whistle_id, suspension_asked, suspended_until, rated, satisfied, not_reached
from json_populate_recordset(null::cases, $1)
on conflict (case_id) do update set
    area_code = excluded.area_code, category_code = excluded.category_code, phase = excluded.phase, rung = excluded.rung,
    round = excluded.round, registered_at = excluded.registered_at, day = excluded.day, accept_due_at = excluded.accept_due_at,
    accepted_at = excluded.accepted_at, accepted_late = excluded.accepted_late, accept_overdue = excluded.accept_overdue,
    answer_due_at = excluded.answer_due_at, settled_at = excluded.settled_at, settled_late = excluded.settled_late,
    verified_at = excluded.verified_at, closed_at = excluded.closed_at, voided_at = excluded.voided_at, overdue = excluded.overdue,
    reporter_count = excluded.reporter_count, sent_back = excluded.sent_back, reopened = excluded.reopened,
    reminded = excluded.reminded, whistle_id = excluded.whistle_id, suspension_asked = excluded.suspension_asked,
    suspended_until = excluded.suspended_until, rated = excluded.rated, satisfied = excluded.satisfied,
    not_reached = excluded.not_reached

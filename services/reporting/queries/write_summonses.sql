-- Writes rows of summonses as they are after a batch of facts.
insert into summonses (
    whistle_id, department_code, case_id, sounded_at, sign_for_due_at, contact_due_at, report_in_due_at, finish_due_at,
    signed_for_at, signed_for_late, contacted_at, contacted_late, reported_in_at, reported_in_late, finished_at, finished_late,
    sign_for_overdue, contact_overdue, report_in_overdue, finish_overdue, supervised, reminded, reworks, tasks, evidence, refused,
    excused_at, accepted_at, withdrawn_at
)
select
    whistle_id, department_code, case_id, sounded_at, sign_for_due_at, contact_due_at, report_in_due_at, finish_due_at,
    signed_for_at, signed_for_late, contacted_at, contacted_late, reported_in_at, reported_in_late, finished_at, finished_late,
    sign_for_overdue, contact_overdue, report_in_overdue, finish_overdue, supervised, reminded, reworks, tasks, evidence, refused,
    excused_at, accepted_at, withdrawn_at
from json_populate_recordset(null::summonses, $1)
on conflict (whistle_id, department_code) do update set
    sounded_at = excluded.sounded_at, sign_for_due_at = excluded.sign_for_due_at, contact_due_at = excluded.contact_due_at,
    report_in_due_at = excluded.report_in_due_at, finish_due_at = excluded.finish_due_at, signed_for_at = excluded.signed_for_at,
    signed_for_late = excluded.signed_for_late, contacted_at = excluded.contacted_at, contacted_late = excluded.contacted_late,
    reported_in_at = excluded.reported_in_at, reported_in_late = excluded.reported_in_late, finished_at = excluded.finished_at,
    finished_late = excluded.finished_late, sign_for_overdue = excluded.sign_for_overdue, contact_overdue = excluded.contact_overdue,
    report_in_overdue = excluded.report_in_overdue, finish_overdue = excluded.finish_overdue, supervised = excluded.supervised,
    reminded = excluded.reminded, reworks = excluded.reworks, tasks = excluded.tasks, evidence = excluded.evidence,
    refused = excluded.refused, excused_at = excluded.excused_at, accepted_at = excluded.accepted_at,
    withdrawn_at = excluded.withdrawn_at

-- What must be known before reports are filed: for each report the open case of the same thing, or a fresh number for a new one. Reports of one category
-- in one community come one after the other until the transaction ends, so that two reports of the same thing at the same moment do not both find
-- that there is none yet; a function, because only what it asks after the locks sees what those before have committed.
create function look_for_reports(reports json) returns setof json language plpgsql as $$
declare
    queue bigint;
begin
    for queue in
        select distinct hashtextextended('report/' || r.community || '/' || r.category, 1) as lock
        from json_to_recordset(reports) as r (community text, category text) order by lock
    loop
        perform pg_advisory_xact_lock(queue);
    end loop;
    return query
        select json_build_object('case_id', same.case_id, 'number', case when same.case_id is null then nextval('case_numbers') end)
        from json_array_elements(reports) with ordinality as e (report, nth)
        cross join json_to_record(e.report) as r (community text, category text, area_code text, spot text, longitude double precision, latitude double precision, distinct_from text[])
        left join lateral (
            select c.case_id from cases c
            where c.joinable and c.community = r.community and c.category = r.category and c.case_id <> all (r.distinct_from)
              and ((c.area_code = r.area_code and c.spot = r.spot and c.spot <> '') or
                   (power((c.longitude - r.longitude) * 111320 * cos(radians(r.latitude)), 2) + power((c.latitude - r.latitude) * 110540, 2))
                       -- Within thirty metres.
                       < power(30, 2))
            order by c.registered_at, c.case_id limit 1
        ) same on true
        order by e.nth;
end
$$;

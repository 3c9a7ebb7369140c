-- What departments are listed by. The department itself stands in `aggregates`.
create table departments (
    department_code text collate "C" primary key
);

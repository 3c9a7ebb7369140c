-- What people on duty are found and listed by. The person itself stands in `aggregates`.
create table staff (
    staff_id uuid primary key,
    account  text collate "C" not null constraint staff_account_once unique
);

create table staff_posts (
    staff_id  uuid not null references staff,
    area_code text collate "C" not null
);
create index staff_posts_of on staff_posts (staff_id);
create index staff_posts_in on staff_posts (area_code);

-- Hashes of passwords (argon2id, PHC form). Never in a history: what is written there stays.
create table credentials (
    staff_id uuid primary key references staff,
    hash     text not null
);

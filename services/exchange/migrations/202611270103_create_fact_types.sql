-- What fact types are listed by; the fact type itself is in `aggregates`.
create table fact_types (
    fact         text collate "C" primary key,
    organization text not null
);
create index fact_types_by_organization on fact_types (organization, fact);

-- Events that were accepted, by the identity made of the publisher's source and id. The unique key is what makes two publishers of the same event wait
-- for each other, so that one of them is told that it is a duplicate.
create table accepted (
    event_id    uuid        primary key,
    -- Digest of what was published, to tell a repeat from another event under a used id.
    fingerprint bytea       not null,
    accepted_at timestamptz not null
);

-- What grants are listed by; the grant itself is in `aggregates`.
create table grants (
    grant_id     text        primary key,
    grantee      text        not null,
    status       text        not null check (status in ('requested', 'approved', 'refused', 'expired', 'revoked')),
    requested_at timestamptz not null
);
create index grants_newest on grants (requested_at desc, grant_id desc);
create index grants_by_grantee on grants (grantee, requested_at desc, grant_id desc);

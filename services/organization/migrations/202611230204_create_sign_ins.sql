-- Tries to sign in since the last that succeeded, the oldest first. Five of them lock the account until `ends_at`, which is a quarter of an hour
-- after the last; then the row means nothing and is swept up. Accounts that nobody has are counted too: an answer must not tell who exists.
create table sign_in_attempts (
    account text          collate "C" primary key,
    tries   timestamptz[] not null,
    ends_at timestamptz   not null
);
create index sign_in_attempts_ended on sign_in_attempts (ends_at);

-- The signing key of a deployment that was given none. At most one row.
create table signing_keys (
    only_one smallint    primary key default 1 check (only_one = 1),
    pkcs8    bytea       not null,
    made_at  timestamptz not null
);

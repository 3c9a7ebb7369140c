-- Accounts on NATS that were issued to subscribers. The JWT is no secret; it is pushed again to servers that lost it. Credentials are kept nowhere.
create table nats_accounts (
    account         text        primary key,
    subscription_id text        not null,
    jwt             text        not null,
    issued_at       timestamptz not null,
    -- When it was taken back, with everything that hung on it.
    revoked_at      timestamptz
);
create index nats_accounts_by_subscription on nats_accounts (subscription_id) where revoked_at is null;

-- Accounts on NATS that were issued to publishers. The JWT is no secret; it is pushed again to servers that lost it. Credentials are kept nowhere.
create table publisher_accounts (
    account      text        primary key,
    -- The publisher: the token under which its organization publishes.
    publisher    text        not null,
    organization text        not null,
    jwt          text        not null,
    issued_at    timestamptz not null,
    -- When it was taken back.
    revoked_at   timestamptz
);
create index publisher_accounts_by_publisher on publisher_accounts (publisher) where revoked_at is null;

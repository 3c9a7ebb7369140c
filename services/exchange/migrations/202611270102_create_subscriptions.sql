-- What subscriptions are listed by; the subscription itself is in `aggregates`.
create table subscriptions (
    subscription_id text        primary key,
    organization    text        not null,
    -- The grant that it hangs on; null for default rights.
    grant_id        text,
    status          text        not null check (status in ('active', 'paused', 'ended')),
    subscribed_at   timestamptz not null
);
create index subscriptions_newest on subscriptions (subscribed_at desc, subscription_id desc);
create index subscriptions_by_organization on subscriptions (organization, subscribed_at desc, subscription_id desc);
create index subscriptions_by_grant on subscriptions (grant_id) where status <> 'ended';

-- How far delivery has come. Everything up to `position` was delivered, did not concern the subscription, or stands in `held`. Whoever moves it states
-- the epoch, which every rewind counts up: a worker of before a rewind moves nothing.
create table cursors (
    subscription_id   text        primary key,
    epoch             integer     not null,
    -- Tells a rebuilt stream, whose positions are others, from the one that was read.
    stream_created    text        not null,
    position          bigint      not null,
    -- Latest instant of a fact up to the position: where to go on in a rebuilt stream.
    latest_at         timestamptz,
    delivered         bigint      not null default 0,
    last_delivered_at timestamptz,
    last_event_id     uuid,
    last_error        text,
    last_error_at     timestamptz
);

-- Deliveries that failed, and those about the same thing that wait behind them. What is here is delivered from here, in order; nothing is deleted before.
create table held (
    subscription_id text        not null,
    position        bigint      not null,
    epoch           integer     not null,
    bucket          smallint    not null,
    event_id        uuid        not null,
    fact            text        not null,
    aggregate_id    text        not null,
    body            bytea       not null,
    attempts        integer     not null default 0,
    last_error      text        not null default '',
    -- When the first one of a bucket is tried again; null when it is parked or waits behind another.
    next_at         timestamptz,
    parked_at       timestamptz,
    primary key (subscription_id, position)
);
create index held_due on held (next_at) where next_at is not null;

-- Keys by which webhooks are signed, in the form of Standard Webhooks (whsec_…, whsk_…). Never leaves this schema but to its owner.
create table signing_keys (
    subscription_id text        not null,
    number          integer     not null,
    secret          text        not null,
    made_at         timestamptz not null,
    ends_at         timestamptz,
    primary key (subscription_id, number)
);

-- The latest instant of any fact in each block of positions: finds from where to read for an instant without reading the whole stream.
create table milestones (
    stream_created text        not null,
    block          bigint      not null,
    latest_at      timestamptz not null,
    primary key (stream_created, block)
);

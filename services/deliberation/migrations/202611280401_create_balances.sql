-- What lists of balances are searched by; the balance itself is in `aggregates`, its positions sealed until they are revealed.
create table balances (
    balance_id text        collate "C" primary key,
    topic_id   text        collate "C" not null,
    opened_at  timestamptz             not null
);
create index balances_of_topic on balances (topic_id, opened_at desc, balance_id desc);

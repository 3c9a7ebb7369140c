-- Which version of each chain a seal covers: one row per chain and seal, only where the chain had grown since the seal before. So the tree of every seal can
-- be made again, and a row of it names what was rewritten. Nothing here is believed: a changed row gives another root than the one that was told on the bus.
-- The order of texts is that of their bytes, on every machine: the order of the leaves hangs on it.
create table sealed_ends (
    kind    text   collate "C" not null,
    id      text   collate "C" not null,
    seal    bigint             not null check (seal > 0),
    version bigint             not null check (version > 0),
    hash    bytea              not null,
    primary key (kind, id, seal)
);

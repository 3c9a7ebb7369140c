-- The opinion map that is told while a conversation goes on: a new one only when ten more people have spoken, so that two of them never differ by what one person said.
create table told_maps (
    conversation_id text    collate "C" primary key,
    -- People who had spoken when it was drawn.
    people          integer not null,
    -- The answer, as the contract has it.
    map             bytea   not null
);

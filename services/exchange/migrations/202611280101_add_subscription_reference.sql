-- What the program that made a subscription knows it by, to find it again when the answer was lost.
alter table subscriptions add column reference text not null default '';
create index subscriptions_by_reference on subscriptions (reference) where reference <> '';

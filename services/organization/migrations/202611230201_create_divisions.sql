-- The register of divisions. What happened to it stands in `history` under ('division', 'register'). Codes are compared byte by byte, so that an
-- area is a range.
create table divisions (
    area_code   text     collate "C" primary key,
    -- 1 province, 2 city, 3 district, 4 sub-district, 5 community, 6 estate, 7 building.
    level       smallint not null check (level between 1 and 7),
    name        text     not null check (name <> ''),
    estate_type text     check (estate_type is null or (estate_type in ('old', 'commercial') and level = 6))
);

-- What a division was called by before its code changed: old papers stay findable.
create table former_codes (
    former  text        collate "C" primary key,
    current text        collate "C" not null,
    since   timestamptz not null
);
create index former_codes_current on former_codes (current);

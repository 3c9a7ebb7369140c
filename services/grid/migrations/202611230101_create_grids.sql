-- What grids are listed and located by. The grid itself stands in `aggregates`. Codes are compared byte by byte, so that an area is a range.
create table grids (
    grid_id        text    collate "C" primary key,
    -- How often it was drawn: tells a replica which boundaries it has not read yet.
    drawing        bigint  not null check (drawing > 0),
    -- Size of the boundary: keeps a page with boundaries within what a message may carry.
    boundary_bytes integer not null check (boundary_bytes > 0)
);

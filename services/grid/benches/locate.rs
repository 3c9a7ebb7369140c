//! How many places per second one core locates: among 100 generated areas with wavy common borders, and among
//! the neighbourhood councils of Los Angeles where that data is present. Places come from a fixed sequence over
//! the box around all areas, so many lie near borders and some outside.

use std::path::Path;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use gongzhi_grid::boundary::{Boundary, Crs, Import, Locator, import};
use serde_json::json;

const PLACES: usize = 10_000;
/// Areas along each side of the generated map, and vertices along each side of an area.
const SIDE: usize = 10;
const STEPS: usize = 40;

fn main() {
    divan::main();
}

#[divan::bench]
fn generated_100(bencher: Bencher<'_, '_>) {
    locate_all(bencher, &generated());
}

#[divan::bench]
fn los_angeles_councils(bencher: Bencher<'_, '_>) {
    match los_angeles() {
        Some(councils) => locate_all(bencher, &councils),
        None => eprintln!("SKIPPED: the councils of Los Angeles are absent"),
    }
}

#[divan::bench]
fn build_index_of_generated_100(bencher: Bencher<'_, '_>) {
    let import = generated();
    let boundaries: Vec<_> = boundaries(&import).collect();
    bencher
        .counter(ItemsCount::new(boundaries.len()))
        .bench(|| Locator::new(black_box(&boundaries).iter().copied()));
}

fn locate_all(bencher: Bencher<'_, '_>, import: &Import) {
    let locator = Locator::new(boundaries(import));
    let places = places(import);
    let found = places.iter().filter(|(lon, lat)| locator.locate(*lon, *lat).is_some()).count();
    let points: usize = boundaries(import).map(|(_, b)| vertices(b)).sum();
    eprintln!("{} areas, {points} vertices, {found} of {PLACES} places found", locator.len());
    bencher.counter(ItemsCount::new(PLACES)).bench(|| {
        black_box(&places).iter().filter(|(lon, lat)| locator.locate(*lon, *lat).is_some()).count()
    });
}

fn boundaries(import: &Import) -> impl Iterator<Item = (usize, &Boundary)> {
    import.accepted.iter().map(|feature| (feature.label.index, &feature.boundary))
}

fn vertices(boundary: &Boundary) -> usize {
    boundary.shape().iter().map(|part| part.exterior().0.len()).sum()
}

/// Spreads places evenly by the additive recurrence of the plastic number.
fn places(import: &Import) -> Vec<(f64, f64)> {
    let all = boundaries(import).map(|(_, boundary)| boundary.bounds());
    let around = all.reduce(|a, b| {
        let low = (a.min().x.min(b.min().x), a.min().y.min(b.min().y));
        let high = (a.max().x.max(b.max().x), a.max().y.max(b.max().y));
        geo::Rect::new(low, high)
    });
    let around = around.expect("at least one area");
    let share = |i: usize, step: f64| (0.5 + i as f64 * step).fract();
    (0..PLACES)
        .map(|i| (share(i, 0.754_877_666_246_693), share(i, 0.569_840_290_998_053)))
        .map(|(x, y)| (around.min().x + x * around.width(), around.min().y + y * around.height()))
        .collect()
}

/// Makes a map of square areas whose common borders wave like streets and canals do.
fn generated() -> Import {
    // A border between two corners is drawn the same from both sides.
    let border = |from: (usize, usize), to: (usize, usize)| {
        let along_x = from.1 == to.1;
        let seed = (from.0 * 31 + from.1 * 17 + usize::from(along_x) * 7) as f64;
        (0..STEPS).map(move |step| {
            let t = step as f64 / STEPS as f64;
            let wave = (t * 13.0 + seed).sin() * 0.05 + (t * 41.0 + seed * 3.0).sin() * 0.02;
            let bend = wave * (t * (1.0 - t) * 4.0);
            let (dx, dy) = if along_x { (t, bend) } else { (bend, t) };
            [120.0 + (from.0 as f64 + dx) / 100.0, 30.0 + (from.1 as f64 + dy) / 100.0]
        })
    };
    // Drawn backwards, a border starts at its far corner and leaves out its near one.
    let back = |near: (usize, usize), far: (usize, usize)| {
        let corner = [120.0 + far.0 as f64 / 100.0, 30.0 + far.1 as f64 / 100.0];
        let mut points: Vec<_> = border(near, far).skip(1).chain([corner]).collect();
        points.reverse();
        points
    };
    let features: Vec<_> = (0..SIDE * SIDE)
        .map(|i| {
            let (x, y) = (i % SIDE, i / SIDE);
            let mut ring: Vec<_> = border((x, y), (x + 1, y)).chain(border((x + 1, y), (x + 1, y + 1))).collect();
            ring.extend(back((x, y + 1), (x + 1, y + 1)));
            ring.extend(back((x, y), (x, y + 1)));
            json!({ "type": "Feature", "properties": { "code": i }, "geometry": { "type": "Polygon", "coordinates": [ring] } })
        })
        .collect();
    let document = json!({ "type": "FeatureCollection", "features": features });
    let import = import(&document.to_string(), Some(Crs::Wgs84)).expect("a GeoJSON document");
    assert!(import.refused.is_empty() && import.accepted.iter().all(|f| vertices(&f.boundary) > 100));
    import
}

fn los_angeles() -> Option<Import> {
    let path = "../../../shared/data/geometry/los_angeles_neighborhood_councils.geojson";
    let document = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).ok()?;
    Some(import(&document, Some(Crs::Wgs84)).expect("a GeoJSON document"))
}

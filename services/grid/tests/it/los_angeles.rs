//! Real polygons and real requests of Los Angeles: the city's own area codes are the answer to meet.

use std::time::Instant;

use gongzhi_grid::boundary::{Crs, Import, Locator, Repair, import};

use crate::shared_data::{shared_file, shared_text};

const COUNCILS: &str = "geometry/los_angeles_neighborhood_councils.geojson";

fn councils() -> Option<Import> {
    Some(import(&shared_text(COUNCILS)?, Some(Crs::Wgs84)).expect("a GeoJSON document"))
}

#[test]
fn invalid_councils_are_repaired_or_named() {
    let Some(import) = councils() else { return };
    let mut rebuilt = 0;
    for feature in &import.accepted {
        let told: Vec<_> =
            feature.repairs.iter().filter(|r| !matches!(r, Repair::TurnedRing { .. })).collect();
        if !told.is_empty() {
            eprintln!("{}: {told:?}", feature.label);
        }
        rebuilt += usize::from(
            told.iter().any(|r| matches!(r, Repair::UntangledRing { .. } | Repair::MergedOverlaps { .. })),
        );
    }
    for refusal in &import.refused {
        eprintln!("refused: {refusal}");
    }
    assert_eq!(import.accepted.len() + import.refused.len(), 99);
    assert!(rebuilt + import.refused.len() >= 2, "the two invalid councils went unnoticed");
    assert!(import.refused.len() <= 2);
}

#[test]
fn requests_are_located_where_the_city_located_them() {
    let Some(import) = councils() else { return };
    let locator = Locator::new(
        import
            .accepted
            .iter()
            .map(|f| (f.label.code.as_deref().expect("every council has a code"), &f.boundary)),
    );
    for name in ["los_angeles_311_2017_12", "los_angeles_311_2018_01", "los_angeles_311_2018_12"] {
        let Some(path) = shared_file(&format!("requests/{name}.csv")) else { return };
        let mut rows = csv::Reader::from_path(path).expect("a readable file");
        let headers = rows.headers().expect("a header row").clone();
        let column = |name: &str| headers.iter().position(|header| header == name).expect("a known column");
        let (lon, lat, code) = (column("lon"), column("lat"), column("area_code"));
        let (mut total, mut placed, mut found, mut same) = (0_usize, 0_usize, 0_usize, 0_usize);
        let started = Instant::now();
        for row in rows.records() {
            let row = row.expect("a well-formed row");
            total += 1;
            let (Ok(lon), Ok(lat)) = (row[lon].parse(), row[lat].parse()) else { continue };
            placed += usize::from(!row[code].is_empty());
            let Some(located) = locator.locate(lon, lat) else { continue };
            if row[code].is_empty() {
                continue;
            }
            found += 1;
            same += usize::from(*located == &row[code]);
        }
        let share = same as f64 / found as f64;
        eprintln!(
            "{name}: {total} rows, {placed} with place and code, {found} located, {same} as the city did ({:.2} %), {:?}",
            share * 100.0,
            started.elapsed()
        );
        assert!(found * 100 > placed * 95, "hardly anything was located");
        assert!(share >= 0.98);
    }
}

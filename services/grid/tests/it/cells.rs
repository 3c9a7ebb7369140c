//! Made cells: they tile their area, nest, say that they are made, and come out the same every time.

use geo::Validation;
use gongzhi_grid::boundary::{Boundary, CellRefusal, Crs, Locator, MadeCell, import, make_cells};
use proptest::prelude::*;
use serde_json::json;

use crate::shared_data::{gongshu_district, shared_text};

fn gongshu() -> Boundary {
    let mut import = import(&gongshu_district(), None).expect("a GeoJSON document");
    assert_eq!(import.refused, []);
    import.accepted.pop().expect("one boundary").boundary
}

fn names(count: usize) -> Vec<String> {
    (1..=count).map(|i| format!("第{i}网格")).collect()
}

fn cells(area: &Boundary, count: usize) -> Vec<MadeCell> {
    make_cells(area, "拱墅区", &names(count)).expect("a divisible area")
}

fn locator(cells: &[MadeCell]) -> Locator<&str> {
    Locator::new(cells.iter().map(|cell| (cell.name.as_str(), &cell.boundary)))
}

/// A place at a share of the width and height of the box around a boundary.
fn place(boundary: &Boundary, (x, y): (f64, f64)) -> (f64, f64) {
    let (min, bounds) = (boundary.bounds().min(), boundary.bounds());
    (min.x + x * bounds.width(), min.y + y * bounds.height())
}

#[test]
fn the_sample_district_has_its_known_area() {
    assert!((gongshu().area_m2() / 98.28e6 - 1.0).abs() < 0.001, "{} m²", gongshu().area_m2());
}

#[test]
fn cells_are_made_named_in_order_and_repeatable() {
    let area = gongshu();
    let made = cells(&area, 18);
    assert_eq!(made, cells(&area, 18));
    assert_eq!(made.iter().map(|cell| cell.name.clone()).collect::<Vec<_>>(), names(18));
    let feature = serde_json::to_value(made[0].to_feature()).expect("GeoJSON");
    assert_eq!(feature["properties"]["made"], true);
    assert!(feature["properties"]["explanation_zh"].as_str().is_some_and(|text| text.contains("并非实测")));
    assert!(
        feature["properties"]["explanation_en"].as_str().is_some_and(|text| text.contains("not surveyed"))
    );
    // What is stored can be read back, and is valid.
    let again = import(&feature.to_string(), None).expect("a GeoJSON document");
    assert_eq!(again.accepted[0].repairs, []);
}

#[test]
fn a_place_on_a_cut_has_one_answer() {
    let area = gongshu();
    let made = cells(&area, 7);
    let locator = locator(&made);
    let mut shared = 0;
    for point in made.iter().flat_map(|cell| cell.boundary.shape().iter()).flat_map(|part| &part.exterior().0)
    {
        let covering = locator.covering(point.x, point.y);
        shared += usize::from(covering.len() > 1);
        assert_eq!(locator.locate(point.x, point.y), covering.first().copied());
        assert!(locator.locate(point.x, point.y).is_some(), "{point:?}");
    }
    assert!(shared >= 12, "only {shared} corners are shared");
}

#[test]
fn refuses_lists_that_make_no_sense() {
    let area = gongshu();
    assert_eq!(make_cells::<&str>(&area, "拱墅区", &[]), Err(CellRefusal::NoNames));
    let repeated = make_cells(&area, "拱墅区", &["米市", "米市"]);
    assert_eq!(repeated, Err(CellRefusal::RepeatedName("米市".to_owned())));
    let refusal = CellRefusal::TooManyNames { count: 10_001, limit: 10_000 };
    assert_eq!(make_cells(&area, "拱墅区", &names(10_001)), Err(refusal));
}

/// A frame around two courts with an island in one: cuts run through holes and around them.
#[test]
fn cells_of_an_area_with_holes_tile_it_too() {
    let rectangle = |west: f64, south: f64, east: f64, north: f64| {
        json!([[west, south], [east, south], [east, north], [west, north], [west, south]])
    };
    let parts = json!([
        [rectangle(0.0, 0.0, 3.0, 2.0), rectangle(0.2, 0.3, 1.3, 1.8), rectangle(1.7, 0.1, 2.9, 1.4)],
        [rectangle(0.5, 0.6, 1.1, 1.2)],
    ]);
    let document = json!({ "type": "MultiPolygon", "coordinates": parts }).to_string();
    let area = import(&document, Some(Crs::Wgs84)).expect("a GeoJSON document").accepted.remove(0).boundary;
    for count in 1..40 {
        let made = cells(&area, count);
        let total: f64 = made.iter().map(|cell| cell.boundary.area_m2()).sum();
        assert!((total / area.area_m2() - 1.0).abs() < 1e-9, "{count}: {total} of {}", area.area_m2());
        assert!(made.iter().all(|cell| cell.boundary.shape().is_valid()), "{count}");
        let (whole, parts) = (Locator::new([((), &area)]), locator(&made));
        for (x, y) in (0..900).map(|i| place(&area, (f64::from(i % 30) / 29.3, f64::from(i / 30) / 29.3))) {
            let covering = parts.covering(x, y).len();
            assert_eq!(covering > 0, whole.locate(x, y).is_some(), "{count}: {x}, {y}");
        }
    }
}

#[test]
fn cells_of_real_intricate_areas_tile_them_too() {
    let Some(councils) = shared_text("geometry/los_angeles_neighborhood_councils.geojson") else { return };
    let councils = import(&councils, Some(Crs::Wgs84)).expect("a GeoJSON document").accepted;
    for council in &councils {
        let made = cells(&council.boundary, 9);
        let total: f64 = made.iter().map(|cell| cell.boundary.area_m2()).sum();
        let whole = council.boundary.area_m2();
        assert!((total / whole - 1.0).abs() < 1e-9, "{}: {total} of {whole}", council.label);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn cells_tile_their_area_at_every_level(
        first in 1..30_usize,
        second in 1..12_usize,
        chosen in any::<prop::sample::Index>(),
        places in prop::collection::vec((0.0..1.0_f64, 0.0..1.0_f64), 100),
    ) {
        let district = gongshu();
        let sub_districts = cells(&district, first);
        let sub_district = &sub_districts[chosen.index(first)].boundary;
        let communities = cells(sub_district, second);
        for (area, cells) in [(&district, &sub_districts), (sub_district, &communities)] {
            let total: f64 = cells.iter().map(|cell| cell.boundary.area_m2()).sum();
            prop_assert!((total / area.area_m2() - 1.0).abs() < 1e-9, "{} of {}", total, area.area_m2());
            let share = area.area_m2() / cells.len() as f64;
            for cell in cells {
                prop_assert!(cell.boundary.shape().is_valid(), "{:?}", cell.boundary.shape());
                prop_assert!((cell.boundary.area_m2() / share - 1.0).abs() < 0.005, "{} of {share}", cell.boundary.area_m2());
            }
            let (whole, parts) = (Locator::new([((), area)]), locator(cells));
            for &shares in &places {
                let (lon, lat) = place(area, shares);
                let expected = usize::from(whole.locate(lon, lat).is_some());
                prop_assert_eq!(parts.covering(lon, lat).len(), expected, "at {}, {}", lon, lat);
            }
        }
    }
}

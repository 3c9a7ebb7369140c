//! Import: what is accepted as it is, what is repaired and reported, what is refused and how.

use geo::{GeodesicArea, Intersects, Validation};
use gongzhi_grid::boundary::{
    Boundary, BoundaryFeature, Crs, FeatureRefusal, ImportRefusal, MAX_POINTS, Reason, Repair, RingPlace,
    import,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const OUTER: RingPlace = RingPlace { part: 0, ring: 0 };

/// A square of `size` hundredths of a degree near Hangzhou, counter-clockwise, closed.
fn square(x: f64, y: f64, size: f64) -> Vec<[f64; 2]> {
    let at = |dx: f64, dy: f64| [120.0 + (x + dx * size) / 100.0, 30.0 + (y + dy * size) / 100.0];
    vec![at(0.0, 0.0), at(1.0, 0.0), at(1.0, 1.0), at(0.0, 1.0), at(0.0, 0.0)]
}

fn polygon(rings: &[Vec<[f64; 2]>]) -> Value {
    json!({ "type": "Polygon", "coordinates": rings })
}

fn named(name: &str, geometry: Value) -> Value {
    json!({ "type": "Feature", "properties": { "name": name }, "geometry": geometry })
}

fn accepted(geometry: Value) -> BoundaryFeature {
    let mut import = import(&geometry.to_string(), Some(Crs::Wgs84)).expect("a GeoJSON document");
    assert_eq!(import.refused, []);
    import.accepted.pop().expect("one boundary")
}

fn refused(geometry: Value) -> FeatureRefusal {
    let mut import = import(&geometry.to_string(), Some(Crs::Wgs84)).expect("a GeoJSON document");
    assert_eq!(import.accepted, []);
    import.refused.pop().expect("one refusal")
}

fn area_of(size: f64) -> f64 {
    accepted(polygon(&[square(0.0, 0.0, size)])).boundary.area_m2()
}

fn assert_area(boundary: &Boundary, expected: f64) {
    assert!(boundary.shape().is_valid(), "{:?}", boundary.shape().validation_errors());
    let share = boundary.area_m2() / expected;
    assert!((share - 1.0).abs() < 1e-3, "{} m² instead of {expected}", boundary.area_m2());
}

#[test]
fn takes_a_valid_boundary_as_it_is() {
    let rings = [square(0.0, 0.0, 3.0), square(1.0, 1.0, 1.0).into_iter().rev().collect()];
    let feature = accepted(polygon(&rings));
    assert_eq!(feature.repairs, []);
    let stored = serde_json::to_value(feature.boundary.to_geojson()).expect("GeoJSON");
    assert_eq!(stored["coordinates"], json!([rings]));
    assert_area(&feature.boundary, area_of(3.0) - area_of(1.0));
    // One hundredth of a degree at 30° north: 1108 m by 965 m.
    assert_area(&accepted(polygon(&[square(0.0, 0.0, 1.0)])).boundary, 1108.5 * 964.9);
}

#[test]
fn takes_a_hole_that_touches_its_outer_ring_in_a_point() {
    let hole = vec![[120.0, 30.01], [120.01, 30.015], [120.01, 30.005], [120.0, 30.01]];
    assert_eq!(accepted(polygon(&[square(0.0, 0.0, 2.0), hole])).repairs, []);
}

#[test]
fn closes_turns_and_thins_rings() {
    let mut ring = square(0.0, 0.0, 1.0);
    ring.pop();
    ring.insert(2, ring[2]);
    ring.reverse();
    let feature = accepted(polygon(&[ring]));
    assert_eq!(
        feature.repairs,
        [
            Repair::ClosedRing { ring: OUTER },
            Repair::DroppedRepeatedPoints { ring: OUTER, count: 1 },
            Repair::TurnedRing { ring: OUTER },
        ]
    );
    assert_area(&feature.boundary, area_of(1.0));
}

#[test]
fn splits_a_bow_tie_and_says_where_it_crossed() {
    let [a, b, c, d, _] = square(0.0, 0.0, 1.0)[..] else { unreachable!("a square has five points") };
    let feature = accepted(polygon(&[vec![a, c, b, d, a]]));
    let [Repair::UntangledRing { ring: OUTER, at, crossings: 1 }] = feature.repairs[..] else {
        panic!("{:?}", feature.repairs)
    };
    assert!((at.x - 120.005).abs() < 1e-9 && (at.y - 30.005).abs() < 1e-9);
    assert_eq!(feature.boundary.shape().0.len(), 2);
    assert_area(&feature.boundary, area_of(1.0) / 2.0);
}

#[test]
fn cuts_a_spike_off() {
    let mut ring = square(0.0, 0.0, 1.0);
    ring.splice(2..2, [[120.01, 30.005], [120.02, 30.005], [120.01, 30.005]]);
    let feature = accepted(polygon(&[ring]));
    assert!(matches!(feature.repairs[..], [.., Repair::UntangledRing { .. }]), "{:?}", feature.repairs);
    assert_area(&feature.boundary, area_of(1.0));
}

#[test]
fn merges_parts_that_overlap() {
    let rings = [[square(0.0, 0.0, 2.0)], [square(1.0, 0.0, 2.0)]];
    let feature = accepted(json!({ "type": "MultiPolygon", "coordinates": rings }));
    let [Repair::MergedOverlaps { changed_m2 }] = feature.repairs[..] else {
        panic!("{:?}", feature.repairs)
    };
    assert!((changed_m2 / (area_of(2.0) / 2.0) - 1.0).abs() < 1e-3, "{changed_m2}");
    assert_area(&feature.boundary, area_of(2.0) * 1.5);
}

#[test]
fn merges_parts_that_share_a_stretch_of_border() {
    let rings = [[square(0.0, 0.0, 2.0)], [square(2.0, 0.0, 2.0)]];
    let feature = accepted(json!({ "type": "MultiPolygon", "coordinates": rings }));
    assert!(matches!(feature.repairs[..], [Repair::MergedOverlaps { .. }]), "{:?}", feature.repairs);
    assert_eq!(feature.boundary.shape().0.len(), 1);
    assert_area(&feature.boundary, area_of(2.0) * 2.0);
}

#[test]
fn cuts_a_hole_out_that_pokes_through_its_outer_ring() {
    let feature =
        accepted(polygon(&[square(0.0, 0.0, 2.0), square(1.0, 0.5, 1.5).into_iter().rev().collect()]));
    assert!(matches!(feature.repairs[..], [Repair::MergedOverlaps { .. }]), "{:?}", feature.repairs);
    assert_area(&feature.boundary, area_of(2.0) - area_of(1.0) * 1.5);
}

#[test]
fn drops_rings_without_area_and_refuses_when_nothing_is_left() {
    let line = vec![[120.0, 30.0], [120.01, 30.01], [120.0, 30.0]];
    let feature = accepted(polygon(&[square(0.0, 0.0, 1.0), line.clone()]));
    assert_eq!(feature.repairs, [Repair::DroppedEmptyRing { ring: RingPlace { part: 0, ring: 1 } }]);
    for ring in [line, vec![], vec![[120.0, 30.0], [120.01, 30.01], [120.02, 30.02], [120.0, 30.0]]] {
        assert_eq!(refused(polygon(&[ring])).reason, Reason::NoArea);
    }
    assert_eq!(refused(json!({ "type": "Polygon", "coordinates": [] })).reason, Reason::NoArea);
}

#[test]
fn refuses_an_outline_that_winds_twice_around_a_large_part() {
    let mut ring = square(0.0, 0.0, 2.0);
    ring.extend(&square(0.0, 0.0, 1.0)[1..]);
    let refusal = refused(named("双圈网格", polygon(&[ring])));
    assert!(matches!(refusal.reason, Reason::AmbiguousCrossing { .. }), "{refusal:?}");
    let at = refusal.at.expect("a place");
    assert!((120.0..=120.02).contains(&at.lon) && (30.0..=30.02).contains(&at.lat));
    assert!(refusal.explain_zh().starts_with("双圈网格：边界自相交"), "{}", refusal.explain_zh());
}

#[test]
fn refuses_a_hole_that_is_really_another_part() {
    assert_eq!(refused(polygon(&[square(0.0, 0.0, 1.0), square(5.0, 0.0, 1.0)])).reason, Reason::HoleOutside);
}

#[test]
fn names_every_bad_feature_at_once() {
    let swapped: Vec<_> = square(0.0, 0.0, 1.0).into_iter().map(|[x, y]| [y, x]).collect();
    let document = json!({ "type": "FeatureCollection", "features": [
        named("写反", polygon(&[swapped])),
        named("好", polygon(&[square(0.0, 0.0, 1.0)])),
        named("投影", polygon(&[vec![[13_374_400.0, 3_503_500.0], [13_374_500.0, 3_503_500.0], [0.0, 0.0]]])),
        named("越界", polygon(&[vec![[120.0, 30.0], [181.0, 30.0], [120.0, 31.0]]])),
        named("线", json!({ "type": "LineString", "coordinates": [[120, 30], [121, 31]] })),
        named("缺", Value::Null),
        named("坏", json!({ "type": "Polygon", "coordinates": [[[120, null], [121, 30], [121, 31]]] })),
        { "type": "Feature", "id": 7, "properties": { "crs": "EPSG:3857" }, "geometry": null },
        42,
    ]});
    let import = import(&document.to_string(), Some(Crs::Gcj02)).expect("a GeoJSON document");
    let names: Vec<_> = import.accepted.iter().map(|feature| feature.label.to_string()).collect();
    assert_eq!(names, ["好"]);
    let told: Vec<_> = import.refused.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 8, "{told:#?}");
    for (told, expected) in told.iter().zip([
        "写反: looks like latitude and longitude are swapped near 30, 120 (part 0, ring 0, point 0)",
        "投影: looks like metres of a map projection",
        "越界: longitude or latitude out of range near 181, 30 (part 0, ring 0, point 1)",
        "线: a Polygon or MultiPolygon is needed, found LineString",
        "缺: a Polygon or MultiPolygon is needed, found null",
        "坏: not a GeoJSON feature",
        "7: unknown coordinate reference system \"EPSG:3857\"",
        "#9: not a GeoJSON feature",
    ]) {
        assert!(told.starts_with(expected), "{told} instead of {expected}");
    }
}

#[test]
fn wants_the_system_stated_once_or_in_agreement() {
    let shape = polygon(&[square(0.0, 0.0, 1.0)]);
    let reason = |document: &Value, stated| {
        import(&document.to_string(), stated)
            .expect("a GeoJSON document")
            .refused
            .first()
            .map(|r| r.reason.clone())
    };
    assert_eq!(reason(&shape, None), Some(Reason::CrsNotStated));
    let mut stating = shape.clone();
    stating["crs"] = json!({ "type": "name", "properties": { "name": "urn:ogc:def:crs:EPSG::4490" } });
    assert_eq!(reason(&stating, None), None);
    assert_eq!(reason(&stating, Some(Crs::Cgcs2000)), None);
    let contradicted = Reason::CrsContradicted(Crs::Gcj02, Crs::Cgcs2000);
    assert_eq!(reason(&stating, Some(Crs::Gcj02)), Some(contradicted));
    let by_feature = json!({ "type": "Feature", "properties": { "crs": "GCJ-02" }, "geometry": shape });
    assert_eq!(reason(&by_feature, None), None);
}

#[test]
fn refuses_what_is_too_large_or_no_document() {
    let ring: Vec<_> = (0..=MAX_POINTS)
        .map(|i| i as f64 / MAX_POINTS as f64 * std::f64::consts::TAU)
        .map(|angle| [120.0 + angle.cos() / 10.0, 30.0 + angle.sin() / 10.0])
        .collect();
    let reason = Reason::TooManyPoints { count: MAX_POINTS + 1, limit: MAX_POINTS };
    assert_eq!(refused(polygon(std::slice::from_ref(&ring))).reason, reason);
    let largest = accepted(polygon(&[ring[1..].to_vec()]));
    assert!((largest.boundary.area_m2() - largest.boundary.shape().geodesic_area_signed()).abs() < 1.0);
    assert!(matches!(import("<kml/>", None), Err(ImportRefusal::NotGeoJson(_))));
    assert!(matches!(import("[]", None), Err(ImportRefusal::NotGeoJson(_))));
    let empty = json!({ "type": "FeatureCollection", "features": [] });
    assert_eq!(import(&empty.to_string(), None), Err(ImportRefusal::Empty));
}

#[test]
fn rings_on_which_the_overlay_breaks_off_leave_the_others_alone() {
    let at = |points: &[(u8, u8)]| -> Vec<[f64; 2]> {
        points.iter().map(|(x, y)| [120.0 + f64::from(*x) / 64.0, 30.0 + f64::from(*y) / 64.0]).collect()
    };
    let one = at(&[(1, 0), (0, 5), (4, 4), (1, 2)]);
    let other = at(&[(5, 0), (4, 4), (1, 0), (1, 0), (1, 1), (5, 5)]);
    let parts = json!({ "type": "MultiPolygon", "coordinates": [[one], [other]] });
    let good = named("好的", polygon(&[square(0.0, 0.0, 1.0)]));
    let document = json!({ "type": "FeatureCollection", "features": [named("坏的", parts), good] });
    let import = import(&document.to_string(), Some(Crs::Wgs84)).expect("a GeoJSON document");
    // It breaks off where its assertions are compiled in; elsewhere it gives a shape, which must then be sound.
    let bad = import.refused.iter().filter(|refusal| refusal.label.name.as_deref() == Some("坏的"));
    assert!(bad.clone().all(|refusal| refusal.reason == Reason::NotRepairable));
    assert_eq!((bad.count() + import.accepted.len(), import.refused.len() + import.accepted.len()), (2, 2));
    assert!(import.accepted.iter().all(|feature| feature.boundary.shape().is_valid()));
}

/// A ring of any shape on a coarse lattice: touches, overlaps and crosses itself in every way there is.
fn scribble() -> impl Strategy<Value = Vec<[f64; 2]>> {
    let point =
        (0..7_u8, 0..7_u8).prop_map(|(x, y)| [120.0 + f64::from(x) / 64.0, 30.0 + f64::from(y) / 64.0]);
    prop::collection::vec(point, 0..14)
}

/// Found by the property below: what is left has by chance the area that the two rings have by subtraction.
#[test]
fn a_hole_that_pokes_out_is_found_whatever_its_area() {
    let at = |points: &[(u8, u8)]| -> Vec<[f64; 2]> {
        points.iter().map(|(x, y)| [120.0 + f64::from(*x) / 64.0, 30.0 + f64::from(*y) / 64.0]).collect()
    };
    let rings = [at(&[(3, 4), (0, 1), (2, 6), (3, 6)]), at(&[(1, 0), (2, 5), (3, 5), (6, 6)])];
    let feature = accepted(polygon(&rings));
    assert!(feature.boundary.shape().is_valid());
    assert!(
        matches!(feature.repairs.last(), Some(Repair::MergedOverlaps { changed_m2 }) if *changed_m2 > 0.0)
    );
}

/// How often a ring winds around a place that lies on none of its edges.
fn winding(ring: &[[f64; 2]], (x, y): (f64, f64)) -> i32 {
    let edges = ring.iter().zip(ring.iter().cycle().skip(1));
    edges
        .map(|(a, b)| {
            let left = (b[0] - a[0]) * (y - a[1]) - (x - a[0]) * (b[1] - a[1]);
            match (a[1] <= y, b[1] <= y) {
                (true, false) if left > 0.0 => 1,
                (false, true) if left < 0.0 => -1,
                _ => 0,
            }
        })
        .sum()
}

/// Tells by the definition whether a place lies in one of the parts: within its outer ring and in none of its holes.
fn lies_in(parts: &[Vec<Vec<[f64; 2]>>], place: (f64, f64)) -> bool {
    let around = |ring: &Vec<[f64; 2]>| winding(ring, place) != 0;
    parts.iter().any(|rings| {
        rings.split_first().is_some_and(|(outer, holes)| around(outer) && !holes.iter().any(around))
    })
}

/// Places between the points of the lattice, on no line through two of them.
fn places() -> impl Iterator<Item = (f64, f64)> {
    let between = |i: u32, shift: f64| (f64::from(i) + shift) / 192.0;
    (0..18 * 18).map(move |i| (120.0 + between(i % 18, 0.371_7), 30.0 + between(i / 18, 0.414_2)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn whatever_is_drawn_becomes_valid_or_is_refused(rings in prop::collection::vec(scribble(), 1..4), as_parts in any::<bool>()) {
        let parts: Vec<Vec<_>> = if as_parts { rings.into_iter().map(|ring| vec![ring]).collect() } else { vec![rings] };
        let document = json!({ "type": "MultiPolygon", "coordinates": &parts });
        let import = import(&document.to_string(), Some(Crs::Wgs84)).expect("a GeoJSON document");
        prop_assert_eq!(import.accepted.len() + import.refused.len(), 1);
        for feature in &import.accepted {
            let shape = feature.boundary.shape();
            prop_assert!(shape.is_valid(), "{:?} of {:?}", shape.validation_errors(), shape);
            prop_assert!(feature.boundary.area_m2() > 0.0);
            for (x, y) in places() {
                let covered = shape.intersects(&geo::Point::new(x, y));
                prop_assert_eq!(covered, lies_in(&parts, (x, y)), "{} {} of {:?}", x, y, shape);
            }
        }
    }
}

//! Real districts of Hangzhou before and after 2021: the old ones are shifted and tangled, the new one is sound.

use geo::{Area, BooleanOps, MultiPolygon};
use gongzhi_grid::boundary::{Crs, Import, import};

use crate::shared_data::{gongshu_district, shared_text};

const BEFORE: &str = "geometry/hangzhou_districts_before_2021.geojson";

fn district(import: &Import, name: &str) -> MultiPolygon<f64> {
    let feature = import.accepted.iter().find(|feature| feature.label.name.as_deref() == Some(name));
    feature.unwrap_or_else(|| panic!("{name} was refused")).boundary.shape().clone()
}

fn overlap(one: &MultiPolygon<f64>, other: &MultiPolygon<f64>) -> f64 {
    one.intersection(other).unsigned_area() / one.union(other).unsigned_area()
}

#[test]
fn the_merged_old_districts_fit_the_new_one_once_unshifted() {
    let Some(before) = shared_text(BEFORE) else { return };
    let after = district(&import(&gongshu_district(), None).expect("a GeoJSON document"), "拱墅区");
    let merged = |crs| {
        let import = import(&before, Some(crs)).expect("a GeoJSON document");
        for feature in &import.accepted {
            let told: Vec<_> = feature.repairs.iter().map(|repair| repair.explain_zh()).collect();
            eprintln!("{} ({crs}): {}", feature.label, told.join("；"));
        }
        for refusal in &import.refused {
            eprintln!("refused: {}", refusal.explain_zh());
        }
        assert_eq!(import.accepted.len() + import.refused.len(), 13);
        overlap(&district(&import, "拱墅区").union(&district(&import, "下城区")), &after)
    };
    let (unshifted, raw) = (merged(Crs::Gcj02), merged(Crs::Wgs84));
    eprintln!("IoU of 拱墅区 with 下城区 against the new 拱墅区: {raw:.3} raw, {unshifted:.3} as GCJ-02");
    assert!((unshifted - 0.95).abs() < 0.01, "{unshifted}");
    assert!((raw - 0.82).abs() < 0.02, "{raw}");
}

//! The grids of the sample: one per community, four in 米市社区, all of them made, tiling the district, and taken by the service as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;
use gongzhi_grid::boundary::{Crs, Locator, import};
use gongzhi_grid::sample::{MadeGrid, SEVERAL, SubDistrict, make_grids};
use gongzhi_proto::grid::v1 as pb;
use gongzhi_proto::ids::AreaCode;

use crate::bench::{grids, operator, serve};
use crate::shared_data::gongshu_district;

fn sub_districts() -> Vec<SubDistrict> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/samples/gongshu_divisions.csv");
    let mut rows = csv::Reader::from_path(path).expect("the sample is part of the project");
    let rows: Vec<_> = rows.records().map(|row| row.expect("a row")).collect();
    let of_level = |level: &'static str| rows.iter().filter(move |row| &row[3] == level);
    of_level("subdistrict")
        .map(|row| SubDistrict {
            name: row[2].to_owned(),
            communities: of_level("community")
                .filter(|community| community[1] == row[0])
                .map(|community| (AreaCode::parse(&community[0]).expect("a code"), community[2].to_owned()))
                .collect(),
        })
        .collect()
}

fn several() -> BTreeMap<AreaCode, usize> {
    SEVERAL.into_iter().map(|(code, count)| (AreaCode::parse(code).expect("a code"), count)).collect()
}

fn sample() -> Vec<MadeGrid> {
    make_grids(&gongshu_district(), &sub_districts(), &several()).expect("a divisible district")
}

#[test]
fn every_community_has_a_grid_and_mishi_four() {
    let made = sample();
    let communities: usize = sub_districts().iter().map(|sub_district| sub_district.communities.len()).sum();
    assert_eq!(made.len(), communities + 3);
    assert_eq!(made.iter().map(|grid| &grid.id).collect::<BTreeSet<_>>().len(), made.len());
    let mishi: Vec<_> = made
        .iter()
        .filter(|grid| grid.id.community().as_str() == "330105001052")
        .map(|grid| (grid.id.as_str(), grid.name.as_str()))
        .collect();
    assert_eq!(
        mishi,
        [
            ("330105001052-01", "米市社区第一网格"),
            ("330105001052-02", "米市社区第二网格"),
            ("330105001052-03", "米市社区第三网格"),
            ("330105001052-04", "米市社区第四网格"),
        ]
    );
    assert_eq!(made, sample());
}

#[test]
fn the_grids_say_that_they_are_made_and_tile_the_district() {
    let made = sample();
    let district = import(&gongshu_district(), None).expect("a GeoJSON document").accepted.remove(0).boundary;
    let mut boundaries = Vec::new();
    for grid in &made {
        let feature: serde_json::Value = serde_json::from_str(&grid.geojson).expect("GeoJSON");
        assert_eq!(
            (&feature["properties"]["made"], &feature["properties"]["name"]),
            (&true.into(), &grid.name.as_str().into())
        );
        let mut read = import(&grid.geojson, Some(Crs::Wgs84)).expect("a GeoJSON document");
        assert_eq!((read.refused.len(), read.accepted[0].repairs.len()), (0, 0), "{}", grid.id);
        boundaries.push(read.accepted.remove(0).boundary);
    }
    let total: f64 = boundaries.iter().map(|boundary| boundary.area_m2()).sum();
    assert!((total / district.area_m2() - 1.0).abs() < 1e-6, "{total} of {} m²", district.area_m2());
    let locator = Locator::new(boundaries.iter().enumerate());
    for point in district.shape().iter().flat_map(|part| &part.exterior().0) {
        assert!(locator.locate(point.x, point.y).is_some(), "{point:?} lies in no grid");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_takes_the_sample_as_it_is() -> Result<()> {
    let bench = serve().await?;
    let operator = operator(&bench);
    let district = bench.context.bus.district().as_str();
    let mut client = grids(&operator);
    let mishi = |grid: &&MadeGrid| grid.id.community().as_str() == "330105001052";
    for grid in sample().iter().filter(mishi) {
        let request = pb::DrawGridRequest {
            // The first bench has the real district, the others have one of their own.
            grid_id: format!("{district}{}", &grid.id.as_str()[6..]),
            name: grid.name.clone(),
            boundary_geojson: grid.geojson.clone(),
            crs: pb::Crs::Wgs84.into(),
            made: true,
        };
        let drawn = client.draw_grid(request).await?.into_inner();
        assert_eq!(drawn.repairs, Vec::<String>::new());
    }
    let list = pb::ListGridsRequest { area_code: bench.area("001052").to_string(), ..Default::default() };
    let listed = client.list_grids(list).await?.into_inner().grids;
    assert_eq!(listed.iter().map(|grid| grid.made).collect::<Vec<_>>(), [true; 4]);
    bench.stop().await
}

//! Places as they are located: in every system, at once after a drawing, by another replica soon after, by whoever may read grids anywhere.

use anyhow::Result;
use gongzhi_grid::service;
use gongzhi_harness::{Person, wait_until};
use gongzhi_proto::grid::v1 as pb;
use tonic::Code;

use crate::bench::{drawing, fields, grids, operator, serve, square};

const HERE: (f64, f64) = (120.16, 30.29);

async fn locate(person: &Person, at: (f64, f64), crs: pb::Crs) -> Result<pb::LocatePlaceResponse> {
    let request = pb::LocatePlaceRequest { longitude: at.0, latitude: at.1, crs: crs.into() };
    Ok(grids(person).locate_place(request).await?.into_inner())
}

async fn located(person: &Person, at: (f64, f64)) -> Result<Option<String>> {
    Ok(locate(person, at, pb::Crs::Wgs84).await?.grid.map(|grid| grid.grid_id))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_located_at_once_after_every_drawing() -> Result<()> {
    let bench = serve().await?;
    let operator = operator(&bench);
    let (one, two) = (format!("{}-01", bench.area("001052")), format!("{}-02", bench.area("001052")));
    let there = (HERE.0 + 0.01, HERE.1);
    assert_eq!(located(&operator, HERE).await?, None);
    grids(&operator).draw_grid(drawing(&one, HERE)).await?;
    assert_eq!(located(&operator, HERE).await?.as_ref(), Some(&one));
    grids(&operator).draw_grid(drawing(&two, there)).await?;
    assert_eq!(located(&operator, there).await?.as_ref(), Some(&two));
    // Drawn anew, the first one lies somewhere else.
    grids(&operator).draw_grid(drawing(&one, (HERE.0, HERE.1 + 0.01))).await?;
    assert_eq!(located(&operator, HERE).await?, None);
    assert_eq!(located(&operator, (HERE.0, HERE.1 + 0.01)).await?.as_ref(), Some(&one));
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_replica_sees_a_drawing_soon() -> Result<()> {
    let mut bench = serve().await?;
    let first = operator(&bench);
    // The first replica goes on and ends with the test.
    bench.serve(vec![service(&bench.context).await?]).await?;
    let second = operator(&bench);
    let id = format!("{}-01", bench.area("001052"));
    assert_eq!(located(&second, HERE).await?, None);
    grids(&first).draw_grid(drawing(&id, HERE)).await?;
    assert_eq!(located(&first, HERE).await?.as_ref(), Some(&id));
    let seen = wait_until("the second replica sees the grid", async || {
        Ok(located(&second, HERE).await?.ok_or("no grid".to_owned()))
    })
    .await?;
    assert_eq!(seen, id);
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn coordinates_of_chinese_maps_are_converted() -> Result<()> {
    let bench = serve().await?;
    let operator = operator(&bench);
    let id = format!("{}-01", bench.area("001052"));
    let request = pb::DrawGridRequest {
        boundary_geojson: square(HERE, 0.002),
        crs: pb::Crs::Gcj02.into(),
        ..drawing(&id, HERE)
    };
    grids(&operator).draw_grid(request).await?;
    let shifted = locate(&operator, HERE, pb::Crs::Gcj02).await?;
    assert_eq!(shifted.grid.map(|grid| grid.grid_id), Some(id.clone()));
    // The shift there is half a kilometre, the grid a fifth of one.
    assert!((HERE.0 - shifted.longitude) > 0.003, "{}", shifted.longitude);
    assert_eq!(located(&operator, HERE).await?, None);
    assert_eq!(located(&operator, (shifted.longitude, shifted.latitude)).await?, Some(id));
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_learns_the_grid_but_not_who_serves_in_it() -> Result<()> {
    let bench = serve().await?;
    let id = format!("{}-01", bench.area("001052"));
    grids(&operator(&bench)).draw_grid(drawing(&id, HERE)).await?;
    let worker = bench.person("POST_COMMUNITY_WORKER", &bench.area("001052"));
    let stranger = bench.person("POST_GRID_WORKER", &bench.area("002051"));
    let liaison = bench.liaison("housing");
    let enrol = pb::EnrolWorkerRequest {
        grid_id: id.clone(),
        staff_id: worker.id.to_string(),
        role: pb::GridRole::Leader.into(),
    };
    grids(&worker).enrol_worker(enrol).await?;
    let known = locate(&worker, HERE, pb::Crs::Cgcs2000).await?.grid.expect("the grid");
    assert_eq!(known.roster.len(), 1);
    let unknown = locate(&stranger, HERE, pb::Crs::Wgs84).await?.grid.expect("the grid");
    assert_eq!((unknown.grid_id, unknown.roster.len(), unknown.boundary_geojson), (id, 0, String::new()));
    // A liaison may not read grids anywhere.
    let request = pb::LocatePlaceRequest { longitude: HERE.0, latitude: HERE.1, crs: pb::Crs::Wgs84.into() };
    assert_eq!(grids(&liaison).locate_place(request).await.unwrap_err().code(), Code::PermissionDenied);
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_is_none_is_refused_field_by_field() -> Result<()> {
    let bench = serve().await?;
    let request = pb::LocatePlaceRequest { longitude: f64::NAN, latitude: 90.5, crs: 7 };
    let wrong = grids(&operator(&bench)).locate_place(request).await.unwrap_err();
    let names: Vec<_> = fields(&wrong).into_iter().map(|(field, _)| field).collect();
    assert_eq!(names, ["crs", "longitude", "latitude"]);
    bench.stop().await
}

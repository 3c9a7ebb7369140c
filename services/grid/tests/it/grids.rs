//! Grids as they are drawn, redrawn, refused, listed, and as people are enrolled in them.

use anyhow::Result;
use gongzhi_chassis::execute::Writer;
use gongzhi_harness::Bench;
use gongzhi_proto::Fact;
use gongzhi_proto::grid::v1 as pb;
use gongzhi_proto::grid::v1::grid_service_client::GridServiceClient;
use serde_json::json;
use tonic::Code;

use crate::bench::{drawing, fields, grids, operator, reason, schema, serve, told};

const HERE: (f64, f64) = (120.16, 30.29);

fn grid_id(bench: &Bench, number: &str) -> String {
    format!("{}-{number}", bench.area("001052"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grid_is_drawn_once_and_told_once() -> Result<()> {
    let bench = serve().await?;
    let operator = operator(&bench);
    let request = drawing(&grid_id(&bench, "01"), HERE);
    let drawn = grids(&operator).draw_grid(request.clone()).await?.into_inner();
    let grid = drawn.grid.clone().expect("the grid");
    assert_eq!((grid.grid_id.as_str(), grid.made), (request.grid_id.as_str(), true));
    assert_eq!(grid.area_code, bench.area("001052").as_str());
    // 0.002 degrees at this latitude: 192 m by 222 m.
    assert!((grid.area_m2 - 42_700.0).abs() < 200.0, "{} m²", grid.area_m2);
    assert!(grid.boundary_geojson.contains("MultiPolygon"));
    assert_eq!(drawn.repairs, Vec::<String>::new());

    // The same boundary again, once from the request and once from the answer, changes nothing.
    assert_eq!(grids(&operator).draw_grid(request.clone()).await?.into_inner(), drawn);
    let own = pb::DrawGridRequest { boundary_geojson: grid.boundary_geojson.clone(), ..request.clone() };
    assert_eq!(grids(&operator).draw_grid(own).await?.into_inner(), drawn);
    let renamed = pb::DrawGridRequest { name: "另一个名字".into(), ..request };
    grids(&operator).draw_grid(renamed).await?;

    let told = told(&schema(&bench).await?).await?;
    let names: Vec<_> = told
        .iter()
        .map(|(subject, envelope)| match envelope.fact().expect("a fact") {
            Some(Fact::GridDrawn(fact)) => (subject.as_str(), fact.name),
            other => panic!("{other:?} was told"),
        })
        .collect();
    let subject = "001.052.grid.grid_drawn.all";
    assert_eq!(names, [(subject, "米市社区第一网格".into()), (subject, "另一个名字".into())]);
    assert_eq!(told[0].1.actor, operator.id.to_string());
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_with_the_same_key_gets_the_first_answer() -> Result<()> {
    let bench = serve().await?;
    let operator = operator(&bench);
    let mut keyed = GridServiceClient::new(operator.calls_with_key("drawing-of-monday"));
    let request = drawing(&grid_id(&bench, "01"), HERE);
    let first = keyed.draw_grid(request.clone()).await?.into_inner();
    grids(&operator).draw_grid(pb::DrawGridRequest { name: "改名".into(), ..request.clone() }).await?;
    assert_eq!(keyed.draw_grid(request.clone()).await?.into_inner(), first);
    let other = keyed.draw_grid(pb::DrawGridRequest { made: false, ..request }).await.unwrap_err();
    assert_eq!((other.code(), reason(&other)), (Code::AlreadyExists, "IDEMPOTENCY_KEY_REUSED".into()));
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boundary_that_was_listed_and_is_drawn_again_is_the_same() -> Result<()> {
    let bench = serve().await?;
    let operator = operator(&bench);
    // A ring of coordinates with all their digits, shifted on the way in.
    let ring: Vec<_> = (0..=500)
        .map(|i| f64::from(i % 500) * std::f64::consts::TAU / 500.0)
        .map(|turn| [120.16 + turn.cos() / 77.0, 30.29 + turn.sin() / 77.0])
        .collect();
    let request = pb::DrawGridRequest {
        boundary_geojson: json!({ "type": "Polygon", "coordinates": [ring] }).to_string(),
        crs: pb::Crs::Gcj02.into(),
        ..drawing(&grid_id(&bench, "01"), HERE)
    };
    let drawn = grids(&operator).draw_grid(request.clone()).await?.into_inner().grid.expect("the grid");
    let own = pb::DrawGridRequest {
        boundary_geojson: drawn.boundary_geojson.clone(),
        crs: pb::Crs::Wgs84.into(),
        ..request
    };
    let again = grids(&operator).draw_grid(own).await?.into_inner().grid.expect("the grid");
    assert_eq!(again.boundary_geojson, drawn.boundary_geojson);
    assert_eq!(told(&schema(&bench).await?).await?.len(), 1);
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_field_is_told_at_once() -> Result<()> {
    let bench = serve().await?;
    let operator = operator(&bench);
    let mut client = grids(&operator);
    let wrong = client.draw_grid(pb::DrawGridRequest::default()).await.unwrap_err();
    let names: Vec<_> = fields(&wrong).into_iter().map(|(field, _)| field).collect();
    assert_eq!(names, ["grid_id", "name", "crs", "boundary_geojson"]);

    let boundary = async |boundary: String| -> Vec<(String, String)> {
        let request =
            pb::DrawGridRequest { boundary_geojson: boundary, ..drawing(&grid_id(&bench, "01"), HERE) };
        fields(&grids(&operator).draw_grid(request).await.unwrap_err())
    };
    let swapped = [[30.29, 120.16], [30.30, 120.16], [30.30, 120.17], [30.29, 120.16]];
    let told = boundary(json!({ "type": "Polygon", "coordinates": [swapped] }).to_string()).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0, "boundary_geojson");
    assert!(
        told[0].1.contains("经度和纬度似乎写反了") && told[0].1.contains("near 30.29, 120.16"),
        "{told:?}"
    );
    let told = boundary(r#"{"type": "FeatureCollection", "features": [{}, {}]}"#.into()).await;
    assert_eq!(told[0].1, "must hold exactly one feature, holds 2");
    let told = boundary("{".into()).await;
    assert!(told[0].1.starts_with("不是 GeoJSON 文件"), "{told:?}");
    let told = boundary(" ".repeat(200 * 1024) + "{}").await;
    assert_eq!(told[0].1, "must have at most 200 KiB, has 201");
    // A circle of numbers with six decimals, which get nine once they are turned into WGS 84.
    let circle: Vec<_> = (0..=8000)
        .map(|i| std::f64::consts::TAU * f64::from(i % 8000) / 8000.0)
        .map(|turn| [120.16 + turn.cos() / 10.0, 30.29 + turn.sin() / 10.0])
        .map(|[lon, lat]| [(lon * 1e6).round() / 1e6, (lat * 1e6).round() / 1e6])
        .collect();
    let request = pb::DrawGridRequest {
        boundary_geojson: json!({ "type": "Polygon", "coordinates": [circle] }).to_string(),
        crs: pb::Crs::Gcj02.into(),
        ..drawing(&grid_id(&bench, "01"), HERE)
    };
    let told = fields(&client.draw_grid(request).await.unwrap_err());
    assert!(told[0].1.ends_with("leave out points until it fits into 200 KiB"), "{told:?}");
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_repaired_is_repaired_and_told() -> Result<()> {
    let bench = serve().await?;
    let open = json!({ "type": "Feature", "properties": null, "geometry": { "type": "Polygon",
        "coordinates": [[[120.16, 30.29], [120.17, 30.29], [120.17, 30.30], [120.16, 30.30]]] } });
    let request =
        pb::DrawGridRequest { boundary_geojson: open.to_string(), ..drawing(&grid_id(&bench, "01"), HERE) };
    let drawn = grids(&operator(&bench)).draw_grid(request).await?.into_inner();
    assert_eq!(drawn.repairs, ["第 1 部分第 1 环未闭合，已闭合"]);
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn drawing_and_rosters_stay_within_posts_and_areas() -> Result<()> {
    let bench = serve().await?;
    let id = grid_id(&bench, "01");
    let worker = bench.person("POST_COMMUNITY_WORKER", &bench.area("001052"));
    let neighbour = bench.person("POST_COMMUNITY_WORKER", &bench.area("001053"));
    let denied = grids(&worker).draw_grid(drawing(&id, HERE)).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    let elsewhere = bench.person("POST_PLATFORM_OPERATOR", &bench.area("002"));
    let denied = grids(&elsewhere).draw_grid(drawing(&id, HERE)).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    grids(&operator(&bench)).draw_grid(drawing(&id, HERE)).await?;

    let enrol = pb::EnrolWorkerRequest {
        grid_id: id.clone(),
        staff_id: worker.id.to_string(),
        role: pb::GridRole::Worker.into(),
    };
    let denied = grids(&neighbour).enrol_worker(enrol.clone()).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    let list = pb::ListGridsRequest { area_code: bench.area("001052").to_string(), ..Default::default() };
    let denied = grids(&neighbour).list_grids(list.clone()).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    assert_eq!(grids(&worker).list_grids(list).await?.into_inner().grids.len(), 1);
    let absent = pb::EnrolWorkerRequest { grid_id: grid_id(&bench, "99"), ..enrol };
    assert_eq!(grids(&worker).enrol_worker(absent).await.unwrap_err().code(), Code::NotFound);
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_enrolled_change_roles_and_are_relieved() -> Result<()> {
    let bench = serve().await?;
    let id = grid_id(&bench, "01");
    grids(&operator(&bench)).draw_grid(drawing(&id, HERE)).await?;
    let worker = bench.person("POST_COMMUNITY_WORKER", &bench.area("001052"));
    let staff_id = worker.id.to_string();
    let enrol = |role: pb::GridRole| pb::EnrolWorkerRequest {
        grid_id: id.clone(),
        staff_id: staff_id.clone(),
        role: role.into(),
    };
    let mut client = grids(&worker);
    // The repeat changes nothing; another role does.
    for role in [pb::GridRole::Worker, pb::GridRole::Worker, pb::GridRole::Leader] {
        let grid = client.enrol_worker(enrol(role)).await?.into_inner().grid.expect("the grid");
        assert_eq!(grid.roster, [pb::RosterEntry { staff_id: staff_id.clone(), role: role.into() }]);
        assert_eq!(grid.boundary_geojson, "");
    }
    let relieve = pb::RelieveWorkerRequest { grid_id: id.clone(), staff_id: staff_id.clone() };
    let grid = client.relieve_worker(relieve.clone()).await?.into_inner().grid.expect("the grid");
    assert_eq!(grid.roster, []);
    let refused = client.relieve_worker(relieve).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::FailedPrecondition, "NOT_ON_ROSTER".into()));
    let wrong = client.enrol_worker(pb::EnrolWorkerRequest::default()).await.unwrap_err();
    let names: Vec<_> = fields(&wrong).into_iter().map(|(field, _)| field).collect();
    assert_eq!(names, ["grid_id", "staff_id", "role"]);

    let told = told(&schema(&bench).await?).await?;
    let names: Vec<_> = told.iter().map(|(_, envelope)| envelope.fact_name()).collect();
    assert_eq!(names, ["grid_drawn", "worker_enrolled", "worker_enrolled", "worker_relieved"]);
    assert_eq!(told[3].0, "001.052.grid.worker_relieved.all");
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn grids_are_listed_in_pages_in_the_order_of_their_ids() -> Result<()> {
    let bench = serve().await?;
    let operator = operator(&bench);
    let mut client = grids(&operator);
    for (community, number) in [("001053", "01"), ("001052", "02"), ("001052", "01"), ("002051", "01")] {
        client.draw_grid(drawing(&format!("{}-{number}", bench.area(community)), HERE)).await?;
    }
    let list = |area: &str, page_token: String| pb::ListGridsRequest {
        area_code: bench.area(area).to_string(),
        page_size: 2,
        page_token,
        ..Default::default()
    };
    let first = client.list_grids(list("001", String::new())).await?.into_inner();
    let second = client.list_grids(list("001", first.next_page_token.clone())).await?.into_inner();
    let ids: Vec<_> = first.grids.iter().chain(&second.grids).map(|grid| grid.grid_id.clone()).collect();
    let wanted = ["001052-01", "001052-02", "001053-01"];
    assert_eq!(ids, wanted.map(|below| format!("{}{below}", bench.context.bus.district())));
    assert_eq!((first.grids.len(), second.next_page_token.as_str()), (2, ""));
    assert!(first.grids.iter().all(|grid| grid.boundary_geojson.is_empty()));

    let with = pb::ListGridsRequest { with_boundaries: true, ..list("001052", String::new()) };
    let shown = client.list_grids(with).await?.into_inner();
    assert!(shown.grids.iter().all(|grid| grid.boundary_geojson.contains("120.161")));
    let wrong = pb::ListGridsRequest {
        area_code: "x".into(),
        page_size: 501,
        page_token: "?".into(),
        ..Default::default()
    };
    let names: Vec<_> =
        fields(&client.list_grids(wrong).await.unwrap_err()).into_iter().map(|f| f.0).collect();
    assert_eq!(names, ["area_code", "page_size", "page_token"]);
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_with_large_boundaries_is_cut_so_that_it_fits_into_a_message() -> Result<()> {
    let bench = serve().await?;
    let operator = operator(&bench);
    let mut client = grids(&operator);
    // Points of a circle in full precision: about 180 KiB each, 130 KiB as they are kept.
    let circle: Vec<_> = (0..=4700)
        .map(|i| std::f64::consts::TAU * f64::from(i % 4700) / 4700.0)
        .map(|turn| [120.16 + turn.cos() / 90.0, 30.29 + turn.sin() / 90.0])
        .collect();
    let boundary = json!({ "type": "Polygon", "coordinates": [circle] }).to_string();
    assert!(boundary.len() > 160 * 1024, "{}", boundary.len());
    for number in 1..=18 {
        let id = grid_id(&bench, &format!("{number:02}"));
        let request = pb::DrawGridRequest { boundary_geojson: boundary.clone(), ..drawing(&id, HERE) };
        client.draw_grid(request).await?;
    }
    let mut request = pb::ListGridsRequest {
        area_code: bench.area("001052").to_string(),
        with_boundaries: true,
        ..Default::default()
    };
    let mut sizes = Vec::new();
    loop {
        let page = client.list_grids(request.clone()).await?.into_inner();
        sizes.push(page.grids.len());
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(sizes.iter().sum::<usize>(), 18);
    assert!(sizes.len() > 1, "{sizes:?}");
    let writer: Writer = bench.context.writer(gongzhi_grid::NAME).await?;
    let kept: i64 =
        sqlx::query_scalar("select max(boundary_bytes)::bigint from grids").fetch_one(writer.pool()).await?;
    assert!(kept <= 200 * 1024, "{kept}");
    bench.stop().await
}

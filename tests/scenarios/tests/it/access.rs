//! What must not get in: no token, a foreign area, garbage, too much, and everything that is wrong at once. Nothing of it is stored.

use anyhow::Result;
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::dispatch::v1::case_service_client::CaseServiceClient;
use tonic::Code;
use tonic_types::StatusExt;

use crate::world::{World, cases, reason};

async fn stored(world: &World) -> Result<i64> {
    let dispatch = world.bench.context.writer(gongzhi_dispatch::NAME).await?;
    Ok(sqlx::query_scalar("select (select count(*) from aggregates) + (select count(*) from history) + (select count(*) from outbox) + (select count(*) from commands) + (select count(*) from contacts)")
        .fetch_one(dispatch.pool())
        .await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_must_not_get_in_gets_the_right_answer_and_leaves_nothing() -> Result<()> {
    let world = World::new().await?;
    let report = world.report("9幢");

    let mut nobody = CaseServiceClient::new(world.bench.channel());
    let mut request = tonic::Request::new(report.clone());
    request.metadata_mut().insert("idempotency-key", "0123456789".parse()?);
    assert_eq!(nobody.register_case(request).await.unwrap_err().code(), Code::Unauthenticated);
    let mut request = tonic::Request::new(report.clone());
    request.metadata_mut().insert("authorization", format!("{}x", world.grid_worker.bearer()).parse()?);
    request.metadata_mut().insert("idempotency-key", "0123456789".parse()?);
    assert_eq!(
        nobody.register_case(request).await.unwrap_err().code(),
        Code::Unauthenticated,
        "a forged signature"
    );
    let mut request = tonic::Request::new(report.clone());
    request.metadata_mut().insert("authorization", world.grid_worker.bearer().parse()?);
    let unnamed = nobody.register_case(request).await.unwrap_err();
    assert_eq!(
        (unnamed.code(), reason(&unnamed).as_str()),
        (Code::InvalidArgument, "INVALID_FIELDS"),
        "a write without an idempotency key"
    );

    let neighbour = world.bench.person("POST_GRID_WORKER", &world.bench.area("001053"));
    assert_eq!(
        cases(&neighbour).register_case(report.clone()).await.unwrap_err().code(),
        Code::PermissionDenied,
        "a foreign area"
    );
    let liaison = &world.housing;
    assert_eq!(
        cases(liaison).register_case(report.clone()).await.unwrap_err().code(),
        Code::PermissionDenied,
        "a post without the permission"
    );

    let huge = pb::RegisterCaseRequest { description: "大".repeat(3_500_000), ..report };
    let too_much = cases(&world.grid_worker).register_case(huge).await.unwrap_err();
    assert!(
        matches!(too_much.code(), Code::OutOfRange | Code::ResourceExhausted),
        "ten megabytes: {too_much:?}"
    );
    assert_eq!(stored(&world).await?, 0, "nothing is stored");
    world.ends_well().await
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_is_told_at_once() -> Result<()> {
    let world = World::new().await?;
    let wrong = pb::RegisterCaseRequest {
        category_code: "Not A Category".into(),
        urgency: 99,
        title: "x".into(),
        description: "y".repeat(2001),
        place: Some(pb::Place {
            area_code: "33".into(),
            grid_id: "g".into(),
            longitude: Some(999.0),
            latitude: None,
            spot: "z".repeat(121),
        }),
        contact: "c".repeat(201),
        distinct_from: (0..100).map(|nth| format!("not an id {nth}")).collect(),
    };
    let refused = cases(&world.grid_worker).register_case(wrong).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let fields: Vec<_> = refused
        .get_details_bad_request()
        .unwrap()
        .field_violations
        .into_iter()
        .map(|violation| violation.field)
        .collect();
    for field in [
        "category_code",
        "urgency",
        "title",
        "description",
        "place.area_code",
        "place.grid_id",
        "place.latitude",
        "place.spot",
        "contact",
        "distinct_from",
        "distinct_from[99]",
    ] {
        assert!(fields.iter().any(|found| found == field), "{field} is missing in {fields:?}");
    }
    assert!(fields.len() >= 100, "all violations at once: {}", fields.len());

    assert_eq!(stored(&world).await?, 0, "nothing is stored");
    world.ends_well().await
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_refused() -> Result<()> {
    let world = World::new().await?;
    // Bytes that are no protobuf, in a frame that says they are.
    let client = gongzhi_harness::raw_call(
        world.bench.channel(),
        "/gongzhi.dispatch.v1.CaseService/RegisterCase",
        world.grid_worker.bearer(),
        &[0xff; 64],
    )
    .await?;
    assert!(matches!(client, Code::Internal | Code::InvalidArgument), "{client:?}");
    assert_eq!(stored(&world).await?, 0);
    world.ends_well().await
}

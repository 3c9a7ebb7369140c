//! What pools refuse: every field that is wrong at once, and what comes too early.

use anyhow::Result;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::pool_service_client::PoolServiceClient;
use jiff::SignedDuration;
use tonic::Code;

use crate::pools::{categories, category, open, pools, volunteer};
use crate::town::{Town, fields, reason};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_quotas_is_told_at_once() -> Result<()> {
    let town = Town::new().await?;
    let topic_id = town.proposes("停车").await?;
    let good = pb::OpenPoolRequest {
        topic_id,
        seats: 8,
        categories: categories(),
        household_rule: pb::HouseholdRule::None as i32,
        draw_source: "公开摇号".into(),
        closes_at: town.in_days(10),
    };
    let wrong = pb::OpenPoolRequest {
        topic_id: "x".into(),
        seats: 1,
        categories: vec![
            category("性\n别", &[("女", 5, 3), ("女", 0, -1)]),
            category("年龄", &[("青年", 0, 1)]),
        ],
        closes_at: town.in_days(-1),
        ..Default::default()
    };
    let refused = pools(&town.secretary).open_pool(wrong).await.unwrap_err();
    assert_eq!(
        fields(&refused),
        [
            "topic_id",
            "seats",
            "categories[0].name",
            "categories[0].features[0].min",
            "categories[0].features[1].max",
            "categories[0].features",
            "categories[0].features",
            "categories[1].features",
            "household_rule",
            "draw_source",
            "closes_at"
        ]
    );
    for (min, max) in [(5, 8), (0, 2)] {
        let categories = vec![category("性别", &[("女", min, max), ("男", min, max)])];
        let request = pb::OpenPoolRequest { categories, ..good.clone() };
        let refused = pools(&town.secretary).open_pool(request).await.unwrap_err();
        assert_eq!(fields(&refused), ["categories[0].features"]);
    }
    let denied = pools(&town.worker).open_pool(good).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_volunteer_or_a_number_is_told_at_once() -> Result<()> {
    let town = Town::new().await?;
    let pool_id = open(&town, pb::HouseholdRule::None, categories()).await?;
    let mut request = volunteer(&pool_id, 0);
    request.features = vec![
        pb::VolunteerFeature { category: "学历".into(), feature: "女".into() },
        pb::VolunteerFeature { category: "性别".into(), feature: "老年".into() },
    ];
    request.consent = false;
    let refused = pools(&town.worker).volunteer(request).await.unwrap_err();
    assert_eq!(
        fields(&refused),
        ["household", "features[0].category", "features[1].feature", "features", "consent"]
    );
    town.clock.advance(SignedDuration::from_hours(24 * 10));
    pools(&town.secretary).close_pool(pb::ClosePoolRequest { pool_id: pool_id.clone() }).await?;
    let empty = pb::PublishLotteryRequest { pool_id: pool_id.clone() };
    let empty = pools(&town.secretary).publish_lottery(empty).await.unwrap_err();
    assert_eq!(reason(&empty), "TOO_FEW_VOLUNTEERS");
    let number = pb::DrawNumberRequest { pool_id: pool_id.clone(), number: "4x".into() };
    assert_eq!(fields(&pools(&town.secretary).draw_number(number).await.unwrap_err()), ["number"]);
    let nobody = pb::DropMembersRequest { pool_id: pool_id.clone(), numbers: vec![1, 1] };
    assert_eq!(fields(&pools(&town.secretary).drop_members(nobody).await.unwrap_err()), ["numbers"]);
    let unpublished = pb::ExportDrawRequest { pool_id };
    let unpublished =
        PoolServiceClient::new(town.bench.channel()).export_draw(unpublished).await.unwrap_err();
    assert_eq!(reason(&unpublished), "NOT_PUBLISHED");
    town.bench.stop().await
}

//! Divisions as they are listed, and who may list them.

use std::fs::File;

use anyhow::Result;
use gongzhi_chassis::gate::Admission;
use gongzhi_organization::NAME;
use gongzhi_organization::division::Unclear;
use gongzhi_organization::import::{self, Order, Run};
use gongzhi_proto::ids::AreaCode;
use gongzhi_proto::organization::v1 as pb;
use gongzhi_proto::organization::v1::division_service_client::DivisionServiceClient;
use tonic::Code;

use crate::bench::{fields, serve, writer};
use crate::sample;

#[tokio::test(flavor = "multi_thread")]
async fn an_area_is_listed_as_deep_as_is_asked_page_by_page() -> Result<()> {
    let bench = serve().await?;
    let district = AreaCode::parse("330105")?;
    let order = Order { district: district.clone(), run: Run::Real, unclear: Unclear::Refuse };
    for file in ["gongshu_divisions.csv", "mishi_estates.csv"] {
        let admission = Admission::system(NAME, file);
        import::divisions(&writer(&bench).await?, &admission, File::open(sample(file))?, &order, |_| {})
            .await?;
    }
    // A worker of one community needs the names around it.
    let worker = bench.person("POST_GRID_WORKER", &AreaCode::parse("330105001052")?);
    let mut divisions = DivisionServiceClient::new(worker.calls());
    let all = |area: &str, deepest: pb::DivisionLevel| pb::ListDivisionsRequest {
        area_code: area.into(),
        deepest: deepest.into(),
        page_size: 1000,
        page_token: String::new(),
    };
    let counted = [
        (all("33", pb::DivisionLevel::District), 3),
        (all("330105", pb::DivisionLevel::SubDistrict), 19),
        (all("330105", pb::DivisionLevel::Unspecified), 197),
        (all("330105001052", pb::DivisionLevel::Estate), 12),
        (all("330105001052", pb::DivisionLevel::Building), 87),
        (all("330105999", pb::DivisionLevel::Building), 0),
    ];
    for (request, count) in counted {
        let answer = divisions.list_divisions(request.clone()).await?.into_inner();
        assert_eq!((answer.divisions.len(), answer.next_page_token.as_str()), (count, ""), "{request:?}");
    }
    let estates =
        divisions.list_divisions(all("330105001052001", pb::DivisionLevel::Estate)).await?.into_inner();
    let estate = pb::Division {
        area_code: "330105001052001".into(),
        name: "米市新村".into(),
        level: pb::DivisionLevel::Estate.into(),
        estate_type: pb::EstateType::Old.into(),
    };
    assert_eq!(estates.divisions, [estate]);

    let whole =
        divisions.list_divisions(all("330105", pb::DivisionLevel::Community)).await?.into_inner().divisions;
    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListDivisionsRequest {
            page_size: 50,
            page_token,
            ..all("330105", pb::DivisionLevel::Community)
        };
        let page = divisions.list_divisions(request).await?.into_inner();
        seen.extend(page.divisions);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, whole);
    assert!(whole.is_sorted_by(|one, other| one.area_code < other.area_code));
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_district_is_not_listed() -> Result<()> {
    let bench = serve().await?;
    let worker = bench.person("POST_GRID_WORKER", &bench.area("001052"));
    let mut divisions = DivisionServiceClient::new(worker.calls());
    let request = |area: &str| pb::ListDivisionsRequest { area_code: area.into(), ..Default::default() };
    for foreign in ["110101", "11", "110101001"] {
        let refused = divisions.list_divisions(request(foreign)).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{foreign}");
    }
    let broken = pb::ListDivisionsRequest {
        area_code: "33010".into(),
        deepest: 99,
        page_size: 1001,
        page_token: "?".into(),
    };
    let refused = divisions.list_divisions(broken).await.unwrap_err();
    assert_eq!(fields(&refused), ["area_code", "deepest", "page_size", "page_token"]);
    bench.stop().await
}

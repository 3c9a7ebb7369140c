//! Departments as they are registered, repeated, refused and listed.

use anyhow::Result;
use gongzhi_proto::organization::v1 as pb;
use gongzhi_proto::organization::v1::department_service_client::DepartmentServiceClient;
use tonic::Code;

use crate::bench::{fields, operator, reason, serve, told, writer};

fn request(code: &str, name_zh: &str, district: &str) -> pb::RegisterDepartmentRequest {
    pb::RegisterDepartmentRequest {
        department_code: code.into(),
        name_zh: name_zh.into(),
        name_en: "Some Department".into(),
        area_code: district.into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_department_is_registered_once_under_one_name() -> Result<()> {
    let bench = serve().await?;
    let district = bench.context.bus.district().to_string();
    let mut departments = DepartmentServiceClient::new(operator(&bench).calls());
    let wanted = request("urban-management", "城市管理局", &district);
    let first = departments.register_department(wanted.clone()).await?.into_inner();
    assert_eq!(
        departments.register_department(wanted).await?.into_inner(),
        first,
        "the same changes nothing"
    );
    let refused =
        departments.register_department(request("urban-management", "城管局", &district)).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::FailedPrecondition, "ALREADY_REGISTERED_OTHERWISE")
    );
    assert!(refused.message().contains("城市管理局"), "{}", refused.message());

    let told = told(writer(&bench).await?.pool()).await?;
    let expected = "-.-.organization.department_registered.all \
        {\"departmentCode\":\"urban-management\",\"nameZh\":\"城市管理局\",\"nameEn\":\"Some Department\"}";
    assert_eq!(told, [expected]);
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_operator_of_this_district_registers() -> Result<()> {
    let bench = serve().await?;
    let district = bench.context.bus.district().clone();
    let elsewhere = gongzhi_proto::ids::AreaCode::parse("110101")?;
    let wanted = request("housing", "住建局", district.as_str());
    let strangers = [
        bench.person("POST_PLATFORM_OPERATOR", &elsewhere),
        bench.person("POST_COMMUNITY_WORKER", &bench.area("001052")),
    ];
    for stranger in strangers {
        let mut departments = DepartmentServiceClient::new(stranger.calls());
        let refused = departments.register_department(wanted.clone()).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
    }
    let mut departments = DepartmentServiceClient::new(operator(&bench).calls());
    let broken =
        pb::RegisterDepartmentRequest { name_en: String::new(), ..request("Housing!", "住", "110101") };
    let refused = departments.register_department(broken).await.unwrap_err();
    assert_eq!(fields(&refused), ["department_code", "name_zh", "name_en", "area_code"], "all at once");
    assert_eq!(told(writer(&bench).await?.pool()).await?, Vec::<String>::new());
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_on_duty_in_the_district_reads_them_page_by_page() -> Result<()> {
    let bench = serve().await?;
    let district = bench.context.bus.district().to_string();
    let mut departments = DepartmentServiceClient::new(operator(&bench).calls());
    for code in ["water", "fire-rescue", "housing"] {
        departments.register_department(request(code, "某局", &district)).await?;
    }
    let worker = bench.person("POST_COMMUNITY_WORKER", &bench.area("001052"));
    let mut departments = DepartmentServiceClient::new(worker.calls());
    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListDepartmentsRequest { page_size: 2, page_token };
        let page = departments.list_departments(request).await?.into_inner();
        seen.extend(page.departments.into_iter().map(|department| department.department_code));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ["fire-rescue", "housing", "water"]);
    let elsewhere = gongzhi_proto::ids::AreaCode::parse("110101001001")?;
    let stranger = bench.person("POST_COMMUNITY_WORKER", &elsewhere);
    let refused = DepartmentServiceClient::new(stranger.calls())
        .list_departments(pb::ListDepartmentsRequest::default())
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    bench.stop().await
}

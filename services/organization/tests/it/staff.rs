//! People on duty as they are appointed, given posts, and listed.

use anyhow::Result;
use gongzhi_harness::{Bench, Person};
use gongzhi_proto::access::v1::Post;
use gongzhi_proto::ids::AreaCode;
use gongzhi_proto::organization::v1 as pb;
use gongzhi_proto::organization::v1::department_service_client::DepartmentServiceClient;
use gongzhi_proto::organization::v1::staff_service_client::StaffServiceClient;
use tonic::Code;

use crate::bench::{fields, operator, post, reason, serve, told, writer};

const PASSWORD: &str = "correct horse battery";

fn appointment(account: &str, posts: Vec<pb::HeldPost>) -> pb::AppointStaffRequest {
    pb::AppointStaffRequest {
        account: account.into(),
        display_name: "王芳".into(),
        password: PASSWORD.into(),
        posts,
    }
}

async fn appoint(by: &Person, request: pb::AppointStaffRequest) -> Result<pb::Staff, tonic::Status> {
    let answer = StaffServiceClient::new(by.calls()).appoint_staff(request).await?.into_inner();
    Ok(answer.staff.expect("an appointed person"))
}

fn worker_post(bench: &Bench) -> pb::HeldPost {
    post(Post::CommunityWorker, bench.area("001052").as_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_appointed_once_per_key_and_the_password_stands_in_no_history() -> Result<()> {
    let bench = serve().await?;
    let operator = operator(&bench);
    let request = appointment("wang.fang", vec![worker_post(&bench)]);
    // The same request three times at once: one person, three times the same answer.
    let calls = (0..3).map(|_| {
        let (mut staff, request) =
            (StaffServiceClient::new(operator.calls_with_key("monday")), request.clone());
        async move { staff.appoint_staff(request).await }
    });
    let answers = futures::future::join_all(calls).await;
    let answers: Vec<_> = answers
        .into_iter()
        .map(|answer| answer.map(|answer| answer.into_inner().staff.expect("a person")))
        .collect::<Result<_, _>>()?;
    assert!(answers.iter().all(|staff| *staff == answers[0]), "{answers:?}");
    assert_eq!(
        (answers[0].account.as_str(), answers[0].posts.as_slice()),
        ("wang.fang", [worker_post(&bench)].as_slice())
    );

    let refused = appoint(&operator, request).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "ACCOUNT_TAKEN"));

    let pool = writer(&bench).await?.pool().clone();
    let hashes: Vec<String> = sqlx::query_scalar("select hash from credentials").fetch_all(&pool).await?;
    assert!(matches!(hashes.as_slice(), [hash] if hash.starts_with("$argon2id$")), "{hashes:?}");
    let kept: String = sqlx::query_scalar(
        "select string_agg(event, '') || (select string_agg(state::text, '') from aggregates) || (select string_agg(touched::text, '') from commands) from history",
    )
    .fetch_one(&pool)
    .await?;
    assert!(kept.contains("wang.fang") && !kept.contains(PASSWORD) && !kept.contains("argon2"), "{kept}");
    let told = told(&pool).await?;
    let fact = format!(
        "001.052.organization.post_granted.all {{\"staffId\":\"{}\",\"post\":\"POST_COMMUNITY_WORKER\",\"areaCode\":\"{}\"}}",
        answers[0].staff_id,
        bench.area("001052")
    );
    assert_eq!(told, [fact], "the post by id, and no name");
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_appoint_in_an_area_appoints_nobody_there() -> Result<()> {
    let bench = serve().await?;
    let neighbour = bench.person("POST_PLATFORM_OPERATOR", &AreaCode::parse("110101")?);
    let refused = appoint(&neighbour, appointment("wang.fang", vec![worker_post(&bench)])).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let leader = bench.person("POST_SUB_DISTRICT_LEADER", &bench.area("001"));
    let refused = appoint(&leader, appointment("wang.fang", vec![worker_post(&bench)])).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);

    // A person who is there: a stranger neither grants nor revokes.
    let staff = appoint(&operator(&bench), appointment("wang.fang", vec![worker_post(&bench)])).await?;
    let mut strangers = StaffServiceClient::new(neighbour.calls());
    let held = Some(worker_post(&bench));
    let grant = pb::GrantPostRequest { staff_id: staff.staff_id.clone(), post: held.clone() };
    assert_eq!(strangers.grant_post(grant).await.unwrap_err().code(), Code::PermissionDenied);
    let revoke = pb::RevokePostRequest { staff_id: staff.staff_id, post: held };
    assert_eq!(strangers.revoke_post(revoke).await.unwrap_err().code(), Code::PermissionDenied);
    let list = pb::ListStaffRequest { area_code: bench.area("001").to_string(), ..Default::default() };
    assert_eq!(strangers.list_staff(list).await.unwrap_err().code(), Code::PermissionDenied);
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_field_is_named_at_once() -> Result<()> {
    let bench = serve().await?;
    let operator = operator(&bench);
    let district = bench.context.bus.district().to_string();
    let with_department =
        |held: pb::HeldPost, code: &str| pb::HeldPost { department_code: code.into(), ..held };
    let request = pb::AppointStaffRequest {
        account: "Wang Fang".into(),
        display_name: " ".into(),
        password: "short".into(),
        posts: vec![
            post(Post::Unspecified, "x"),
            post(Post::CommunityWorker, bench.area("001").as_str()),
            post(Post::CommunityWorker, "110101001001"),
            post(Post::DepartmentLiaison, &district),
            with_department(worker_post(&bench), "housing"),
            worker_post(&bench),
            worker_post(&bench),
        ],
    };
    let refused = appoint(&operator, request).await.unwrap_err();
    assert_eq!(
        fields(&refused),
        [
            "account",
            "display_name",
            "password",
            "posts[0].post",
            "posts[0].area_code",
            "posts[1].area_code",
            "posts[2].area_code",
            "posts[3].department_code",
            "posts[4].department_code",
            "posts[6]",
        ]
    );
    let mut staff = StaffServiceClient::new(operator.calls());
    let refused = staff.grant_post(pb::GrantPostRequest::default()).await.unwrap_err();
    assert_eq!(fields(&refused), ["staff_id", "post"]);
    let refused = appoint(&operator, appointment("nobody", vec![])).await.unwrap_err();
    assert_eq!(fields(&refused), ["posts"]);
    let unknown = pb::GrantPostRequest {
        staff_id: "01890a5d-ac96-774b-bcce-b302099a8057".into(),
        post: Some(worker_post(&bench)),
    };
    assert_eq!(staff.grant_post(unknown).await.unwrap_err().code(), Code::NotFound);
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_liaison_needs_a_department_that_is_registered() -> Result<()> {
    let bench = serve().await?;
    let operator = operator(&bench);
    let district = bench.context.bus.district().to_string();
    let liaison =
        pb::HeldPost { department_code: "housing".into(), ..post(Post::DepartmentLiaison, &district) };
    let refused = appoint(&operator, appointment("li.ming", vec![liaison.clone()])).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::FailedPrecondition, "DEPARTMENT_NOT_REGISTERED")
    );
    let appointed = appoint(&operator, appointment("li.ming", vec![worker_post(&bench)])).await?;
    let mut staff = StaffServiceClient::new(operator.calls());
    let grant = pb::GrantPostRequest { staff_id: appointed.staff_id, post: Some(liaison.clone()) };
    let refused = staff.grant_post(grant.clone()).await.unwrap_err();
    assert_eq!(reason(&refused), "DEPARTMENT_NOT_REGISTERED");

    DepartmentServiceClient::new(operator.calls())
        .register_department(pb::RegisterDepartmentRequest {
            department_code: "housing".into(),
            name_zh: "住建局".into(),
            name_en: "Housing Bureau".into(),
            area_code: district.clone(),
        })
        .await?;
    let granted = staff.grant_post(grant).await?.into_inner().staff.expect("a person");
    assert_eq!(granted.posts, [worker_post(&bench), liaison]);
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_come_and_go_and_a_repeat_changes_nothing() -> Result<()> {
    let bench = serve().await?;
    let operator = operator(&bench);
    let appointed = appoint(&operator, appointment("wang.fang", vec![worker_post(&bench)])).await?;
    let mut staff = StaffServiceClient::new(operator.calls());
    let officer = post(Post::SubDistrictDutyOfficer, bench.area("001").as_str());
    let grant = pb::GrantPostRequest { staff_id: appointed.staff_id.clone(), post: Some(officer.clone()) };
    for _ in 0..2 {
        let granted = staff.grant_post(grant.clone()).await?.into_inner().staff.expect("a person");
        assert_eq!(granted.posts, [worker_post(&bench), officer.clone()]);
    }
    let revoke =
        pb::RevokePostRequest { staff_id: appointed.staff_id.clone(), post: Some(worker_post(&bench)) };
    for _ in 0..2 {
        let left = staff.revoke_post(revoke.clone()).await?.into_inner().staff.expect("a person");
        assert_eq!(left.posts, std::slice::from_ref(&officer));
    }
    let told = told(writer(&bench).await?.pool()).await?;
    let subjects: Vec<_> = told.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(
        subjects,
        [
            "001.052.organization.post_granted.all",
            "001.-.organization.post_granted.all",
            "001.052.organization.post_revoked.all"
        ]
    );
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_listed_by_area_and_page() -> Result<()> {
    let bench = serve().await?;
    let operator = operator(&bench);
    let here = |below: &str| vec![post(Post::CommunityWorker, bench.area(below).as_str())];
    for (account, below) in
        [("c.one", "001052"), ("a.two", "001053"), ("b.three", "002001"), ("d.four", "001052")]
    {
        appoint(&operator, appointment(account, here(below))).await?;
    }
    let officer = bench.person("POST_SUB_DISTRICT_DUTY_OFFICER", &bench.area("001"));
    let mut staff = StaffServiceClient::new(officer.calls());
    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let request =
            pb::ListStaffRequest { area_code: bench.area("001").to_string(), page_size: 2, page_token };
        let page = staff.list_staff(request).await?.into_inner();
        assert!(page.staff.len() <= 2);
        seen.extend(page.staff.into_iter().map(|person| person.account));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ["a.two", "c.one", "d.four"]);
    let whole =
        pb::ListStaffRequest { area_code: bench.context.bus.district().to_string(), ..Default::default() };
    assert_eq!(staff.list_staff(whole).await.unwrap_err().code(), Code::PermissionDenied);
    bench.stop().await
}

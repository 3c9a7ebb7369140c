//! `gongzhi check`: one whistle through a running installation, from the report to the department's own system and to the board, and taken back again.
//!
//! It happens in a community that no district has (999 of 999) and calls a department of its own, so that nobody's board and nobody's phone is touched;
//! the case is voided at the end, and what is void is counted in no figure. Only whoever can read the signing key can do this.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use gongzhi_chassis::caller::PostClaim;
use gongzhi_chassis::client::{Calling, Session, connection, may_pass};
use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::token::{AUDIENCE, Audience, Claims, Signer};
use gongzhi_proto::dispatch::v1 as pb;
use gongzhi_proto::dispatch::v1::case_service_client::CaseServiceClient;
use gongzhi_proto::dispatch::v1::whistle_service_client::WhistleServiceClient;
use gongzhi_proto::exchange::v1 as exchange;
use gongzhi_proto::exchange::v1::delivery_service_client::DeliveryServiceClient;
use gongzhi_proto::exchange::v1::subscription_service_client::SubscriptionServiceClient;
use gongzhi_proto::ids::AreaCode;
use gongzhi_proto::organization::v1 as organization;
use gongzhi_proto::organization::v1::department_service_client::DepartmentServiceClient;
use gongzhi_proto::reporting::v1::GetBoardRequest;
use gongzhi_proto::reporting::v1::reporting_service_client::ReportingServiceClient;
use jiff::Timestamp;
use tonic::transport::Channel;
use uuid::Uuid;

use crate::account::refused;
use crate::process::Ground;

/// The department that is called.
const DEPARTMENT: &str = "installation-check";
/// A sub-district and a community of it that no district has.
const SUB_DISTRICT: &str = "999";
const COMMUNITY: &str = "999999";
/// How long a step may take that others have to hear of.
const HEARD_WITHIN: Duration = Duration::from_secs(30);
/// How long a token lasts, in seconds: longer than a check.
const LASTS: i64 = 600;
/// Why everything is taken back.
const WHY: &str = "安装检查 installation check";

/// The people of the check, whose tokens are signed here.
struct People<'a> {
    settings: &'a Settings,
    signer: Signer,
}

impl People<'_> {
    fn connection(&self, service: &str) -> Result<Channel> {
        let own = format!("http://{}", self.settings.grpc_address);
        let address = self.settings.upstreams.get(service).unwrap_or(&own);
        Ok(connection(address, &self.settings.tls)?)
    }

    /// Somebody who holds a post, and calls a service.
    fn session(&self, service: &str, post: &str, below: &str, unit: Option<&str>) -> Result<Session> {
        let area = AreaCode::parse(&format!("{}{below}", self.settings.district))?;
        let now = Timestamp::now().as_second();
        let claims = Claims {
            iss: self.settings.issuer.clone(),
            sub: Uuid::new_v5(&Uuid::NAMESPACE_URL, b"gongzhi:installation-check").to_string(),
            aud: Audience::One(AUDIENCE.into()),
            iat: now,
            exp: now + LASTS,
            name: WHY.into(),
            posts: vec![PostClaim { post: post.into(), area, unit: unit.map(ToOwned::to_owned) }],
        };
        Session::new(self.connection(service)?, &self.signer.sign(&claims)?).context("the token is not ASCII")
    }

    /// The department's own system.
    fn system(&self) -> Result<Session> {
        self.session("exchange", "POST_DEPARTMENT_SYSTEM", "", Some(DEPARTMENT))
    }
}

/// Calls, and calls again by the same key while nobody answers: where networks are closed a pod that has just started is let through a little later, by every node in
/// its own time, and the pods of a service come and go.
async fn ask<T>(
    session: &Session,
    call: impl AsyncFn(Calling) -> Result<tonic::Response<T>, tonic::Status>,
) -> Result<T> {
    let (key, since) = (Uuid::now_v7(), Instant::now());
    loop {
        match call(session.calls_with_key(key)).await {
            Ok(answer) => return Ok(answer.into_inner()),
            Err(status) if may_pass(&status) && since.elapsed() < HEARD_WITHIN => {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            Err(status) => return Err(refused(status)),
        }
    }
}

pub(crate) async fn run(settings: Settings) -> Result<()> {
    ensure!(
        settings.database_url.is_some() && settings.nats_url.is_some(),
        "set GONGZHI_DATABASE_URL and GONGZHI_NATS_URL, and GONGZHI_UPSTREAMS where services answer at several addresses"
    );
    ensure!(
        settings.jwks_url.is_none(),
        "tokens come from another issuer (GONGZHI_JWKS_URL), so nobody can be played here; use `gongzhi audit verify`"
    );
    let ground = Ground::find(&settings, None).await?;
    let context = ground.context(&settings, Clock::system()).await?;
    let signer = gongzhi_organization::identity::signer(&context).await?;
    let people = People { settings: &settings, signer };
    register_department(&people).await.context("the department of the check is not registered")?;
    let subscription_id = subscribe(&people).await.context("the department cannot subscribe")?;
    let mut made = Made::default();
    let played = play(&people, &subscription_id, &mut made).await;
    let cleared = take_back(&people, &subscription_id, &made).await.context("not everything was taken back");
    played?;
    cleared?;
    println!("taken back: whistle withdrawn, case void, subscription ended");
    ground.stop().await
}

/// What is to be taken back.
#[derive(Default)]
struct Made {
    case_id: Option<String>,
    whistle_id: Option<String>,
}

async fn register_department(people: &People<'_>) -> Result<()> {
    let request = organization::RegisterDepartmentRequest {
        department_code: DEPARTMENT.into(),
        name_zh: "安装检查".into(),
        name_en: "Installation check".into(),
        area_code: people.settings.district.to_string(),
    };
    let operator = people.session("organization", "POST_PLATFORM_OPERATOR", "", None)?;
    let register =
        async |calls| DepartmentServiceClient::new(calls).register_department(request.clone()).await;
    ask(&operator, register).await?;
    println!("organization answers: department {DEPARTMENT} is registered");
    Ok(())
}

async fn subscribe(people: &People<'_>) -> Result<String> {
    use exchange::organization::Organization;
    let request = exchange::SubscribeRequest {
        organization: Some(exchange::Organization {
            organization: Some(Organization::DepartmentCode(DEPARTMENT.into())),
        }),
        name: WHY.into(),
        filter: Some(exchange::Filter {
            facts: vec!["dispatch.whistle_sounded".into()],
            ..Default::default()
        }),
        way: exchange::DeliveryWay::Pull as i32,
        ..Default::default()
    };
    let subscribe = async |calls| SubscriptionServiceClient::new(calls).subscribe(request.clone()).await;
    let answer = ask(&people.system()?, subscribe).await?;
    println!("exchange answers: the department's system has subscribed to whistles");
    Ok(answer.subscription.context("no subscription")?.subscription_id)
}

async fn play(people: &People<'_>, subscription_id: &str, made: &mut Made) -> Result<()> {
    let case_id = climb(people, made).await.context("a case cannot be reported and handed up")?;
    let since = Instant::now();
    let whistle_id = sound(people, &case_id).await.context("no whistle can be sounded")?;
    made.whistle_id = Some(whistle_id.clone());
    println!("dispatch answers: a case was reported, handed up, and a whistle sounded for it");
    let event =
        receive(people, subscription_id, &whistle_id).await.context("the whistle was not delivered")?;
    println!("exchange delivered the whistle {} ms after it was sounded", since.elapsed().as_millis());
    ensure!(event.contains(DEPARTMENT), "the whistle is addressed to another");
    shown(people).await.context("the whistle is on no board")?;
    println!("reporting shows it on the board of the sub-district, {} ms after", since.elapsed().as_millis());
    Ok(())
}

/// Reports a case and hands it up to the sub-district.
async fn climb(people: &People<'_>, made: &mut Made) -> Result<String> {
    let request = pb::RegisterCaseRequest {
        category_code: "fire.lane.obstructed".into(),
        urgency: pb::Urgency::Normal as i32,
        title: "安装检查,请勿处理".into(),
        description: "安装检查,请勿处理 Installation check, nothing to do".into(),
        place: Some(pb::Place {
            area_code: format!("{}{COMMUNITY}001", people.settings.district),
            spot: Uuid::now_v7().to_string(),
            ..pb::Place::default()
        }),
        contact: String::new(),
        distinct_from: vec![],
    };
    let worker = people.session("dispatch", "POST_COMMUNITY_WORKER", COMMUNITY, None)?;
    let register = async |calls| CaseServiceClient::new(calls).register_case(request.clone()).await;
    let case_id = ask(&worker, register).await?.case.context("no case")?.case_id;
    made.case_id = Some(case_id.clone());
    let request = pb::AcceptCaseRequest { case_id: case_id.clone() };
    ask(&worker, async |calls| CaseServiceClient::new(calls).accept_case(request.clone()).await).await?;
    let request = pb::ConveneConsultationRequest { case_id: case_id.clone() };
    let convene = async |calls| CaseServiceClient::new(calls).convene_consultation(request.clone()).await;
    ask(&worker, convene).await?;
    let request = pb::ConcludeConsultationRequest {
        case_id: case_id.clone(),
        outcome: pb::ConsultationOutcome::BeyondEstate as i32,
        minutes: WHY.into(),
    };
    let conclude = async |calls| CaseServiceClient::new(calls).conclude_consultation(request.clone()).await;
    ask(&worker, conclude).await?;
    let request = pb::ClimbCaseRequest { case_id: case_id.clone(), reason: WHY.into() };
    ask(&worker, async |calls| CaseServiceClient::new(calls).climb_case(request.clone()).await).await?;
    Ok(case_id)
}

/// Sounds the whistle, as soon as dispatch has heard of the department over the bus.
async fn sound(people: &People<'_>, case_id: &str) -> Result<String> {
    let officer = people.session("dispatch", "POST_SUB_DISTRICT_DUTY_OFFICER", SUB_DISTRICT, None)?;
    let request = pb::SoundWhistleRequest {
        case_id: case_id.to_owned(),
        kind: pb::WhistleKind::JointEnforcement as i32,
        level: pb::WhistleLevel::Yellow as i32,
        department_codes: vec![DEPARTMENT.into()],
        request: WHY.into(),
    };
    let sound = async |calls| WhistleServiceClient::new(calls).sound_whistle(request.clone()).await;
    let since = Instant::now();
    loop {
        match ask(&officer, sound).await {
            Ok(answer) => return Ok(answer.whistle.context("no whistle")?.whistle_id),
            Err(_) if since.elapsed() < HEARD_WITHIN => tokio::time::sleep(Duration::from_millis(200)).await,
            Err(error) => return Err(error).context("has dispatch heard of the department over the bus?"),
        }
    }
}

/// Pulls until the whistle comes; gives it as it came.
async fn receive(people: &People<'_>, subscription_id: &str, whistle_id: &str) -> Result<String> {
    let system = people.system()?;
    let since = Instant::now();
    while since.elapsed() < HEARD_WITHIN {
        let request = exchange::PullRequest {
            subscription_id: subscription_id.to_owned(),
            max_facts: 10,
            wait_seconds: 2,
        };
        let pull = async |calls| DeliveryServiceClient::new(calls).pull(request.clone()).await;
        let pulled = ask(&system, pull).await?;
        let request = exchange::AcknowledgeRequest {
            subscription_id: subscription_id.to_owned(),
            position: pulled.position,
        };
        let acknowledge = async |calls| DeliveryServiceClient::new(calls).acknowledge(request.clone()).await;
        ask(&system, acknowledge).await?;
        let mut events = pulled.deliveries.into_iter().map(|came| came.event);
        if let Some(event) = events.find(|event| event.contains(whistle_id)) {
            return Ok(event);
        }
    }
    anyhow::bail!("nothing came within {} s", HEARD_WITHIN.as_secs())
}

async fn shown(people: &People<'_>) -> Result<()> {
    let officer = people.session("reporting", "POST_SUB_DISTRICT_DUTY_OFFICER", SUB_DISTRICT, None)?;
    let request = GetBoardRequest { area_code: format!("{}{SUB_DISTRICT}", people.settings.district) };
    let since = Instant::now();
    while since.elapsed() < HEARD_WITHIN {
        let look = async |calls| ReportingServiceClient::new(calls).get_board(request.clone()).await;
        let board = ask(&officer, look).await?;
        let departments = board.board.map(|board| board.departments).unwrap_or_default();
        if departments.iter().any(|row| row.key == DEPARTMENT && row.whistles_open > 0) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("it did not show within {} s", HEARD_WITHIN.as_secs())
}

/// Takes everything back that was made; goes on where one thing cannot be, and tells the first.
async fn take_back(people: &People<'_>, subscription_id: &str, made: &Made) -> Result<()> {
    let leader = people.session("dispatch", "POST_SUB_DISTRICT_LEADER", SUB_DISTRICT, None)?;
    let mut outcome = Ok(());
    if let Some(whistle_id) = made.whistle_id.clone() {
        let request = pb::WithdrawWhistleRequest { whistle_id, reason: WHY.into() };
        let withdraw = async |calls| WhistleServiceClient::new(calls).withdraw_whistle(request.clone()).await;
        outcome = outcome.and(ask(&leader, withdraw).await.map(drop));
    }
    if let Some(case_id) = made.case_id.clone() {
        let request = pb::VoidCaseRequest { case_id, reason: WHY.into() };
        let void = async |calls| CaseServiceClient::new(calls).void_case(request.clone()).await;
        outcome = outcome.and(ask(&leader, void).await.map(drop));
    }
    let request =
        exchange::EndSubscriptionRequest { subscription_id: subscription_id.to_owned(), reason: WHY.into() };
    let end = async |calls| SubscriptionServiceClient::new(calls).end_subscription(request.clone()).await;
    outcome.and(ask(&people.system()?, end).await.map(drop))
}

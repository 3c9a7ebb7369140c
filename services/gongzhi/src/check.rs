//! `gongzhi check`: one whistle through a running installation, from the report to the department's own system and to the board, and taken back again.
//!
//! It happens in a community that no district has (999 of 999) and calls a department of its own, so that nobody's board and nobody's phone is touched;
//! the case is voided at the end, and what is void is counted in no figure. Only whoever can read the signing key can do this.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use gongzhi_chassis::caller::PostClaim;
use gongzhi_chassis::client::{Calling, Session, connection};
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

    /// Calls to a service as somebody who holds a post.
    fn calls(&self, service: &str, post: &str, below: &str, unit: Option<&str>) -> Result<Calling> {
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
        let session = Session::new(self.connection(service)?, &self.signer.sign(&claims)?);
        Ok(session.context("the token is not ASCII")?.calls())
    }

    fn cases(&self, post: &str, below: &str) -> Result<CaseServiceClient<Calling>> {
        Ok(CaseServiceClient::new(self.calls("dispatch", post, below, None)?))
    }

    fn whistles(&self, post: &str) -> Result<WhistleServiceClient<Calling>> {
        Ok(WhistleServiceClient::new(self.calls("dispatch", post, SUB_DISTRICT, None)?))
    }

    /// The department's own system.
    fn system(&self) -> Result<Calling> {
        self.calls("exchange", "POST_DEPARTMENT_SYSTEM", "", Some(DEPARTMENT))
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
    let calls = people.calls("organization", "POST_PLATFORM_OPERATOR", "", None)?;
    DepartmentServiceClient::new(calls).register_department(request).await.map_err(refused)?;
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
    let answer =
        SubscriptionServiceClient::new(people.system()?).subscribe(request).await.map_err(refused)?;
    println!("exchange answers: the department's system has subscribed to whistles");
    Ok(answer.into_inner().subscription.context("no subscription")?.subscription_id)
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
    let mut worker = people.cases("POST_COMMUNITY_WORKER", COMMUNITY)?;
    let registered = worker.register_case(request).await.map_err(refused)?.into_inner();
    let case_id = registered.case.context("no case")?.case_id;
    made.case_id = Some(case_id.clone());
    worker.accept_case(pb::AcceptCaseRequest { case_id: case_id.clone() }).await.map_err(refused)?;
    let request = pb::ConveneConsultationRequest { case_id: case_id.clone() };
    worker.convene_consultation(request).await.map_err(refused)?;
    let request = pb::ConcludeConsultationRequest {
        case_id: case_id.clone(),
        outcome: pb::ConsultationOutcome::BeyondEstate as i32,
        minutes: WHY.into(),
    };
    worker.conclude_consultation(request).await.map_err(refused)?;
    let request = pb::ClimbCaseRequest { case_id: case_id.clone(), reason: WHY.into() };
    worker.climb_case(request).await.map_err(refused)?;
    Ok(case_id)
}

/// Sounds the whistle, as soon as dispatch has heard of the department over the bus.
async fn sound(people: &People<'_>, case_id: &str) -> Result<String> {
    let mut officer = people.whistles("POST_SUB_DISTRICT_DUTY_OFFICER")?;
    let since = Instant::now();
    loop {
        let request = pb::SoundWhistleRequest {
            case_id: case_id.to_owned(),
            kind: pb::WhistleKind::JointEnforcement as i32,
            level: pb::WhistleLevel::Yellow as i32,
            department_codes: vec![DEPARTMENT.into()],
            request: WHY.into(),
        };
        match officer.sound_whistle(request).await {
            Ok(answer) => return Ok(answer.into_inner().whistle.context("no whistle")?.whistle_id),
            Err(_) if since.elapsed() < HEARD_WITHIN => tokio::time::sleep(Duration::from_millis(200)).await,
            Err(status) => {
                return Err(refused(status)).context("has dispatch heard of the department over the bus?");
            }
        }
    }
}

/// Pulls until the whistle comes; gives it as it came.
async fn receive(people: &People<'_>, subscription_id: &str, whistle_id: &str) -> Result<String> {
    let mut calls = DeliveryServiceClient::new(people.system()?);
    let since = Instant::now();
    while since.elapsed() < HEARD_WITHIN {
        let request = exchange::PullRequest {
            subscription_id: subscription_id.to_owned(),
            max_facts: 10,
            wait_seconds: 2,
        };
        let pulled = calls.pull(request).await.map_err(refused)?.into_inner();
        let request = exchange::AcknowledgeRequest {
            subscription_id: subscription_id.to_owned(),
            position: pulled.position,
        };
        calls.acknowledge(request).await.map_err(refused)?;
        let mut events = pulled.deliveries.into_iter().map(|came| came.event);
        if let Some(event) = events.find(|event| event.contains(whistle_id)) {
            return Ok(event);
        }
    }
    anyhow::bail!("nothing came within {} s", HEARD_WITHIN.as_secs())
}

async fn shown(people: &People<'_>) -> Result<()> {
    let calls = people.calls("reporting", "POST_SUB_DISTRICT_DUTY_OFFICER", SUB_DISTRICT, None)?;
    let mut calls = ReportingServiceClient::new(calls);
    let since = Instant::now();
    while since.elapsed() < HEARD_WITHIN {
        let area_code = format!("{}{SUB_DISTRICT}", people.settings.district);
        let board = calls.get_board(GetBoardRequest { area_code }).await.map_err(refused)?.into_inner();
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
    let mut outcome = Ok(());
    if let Some(whistle_id) = made.whistle_id.clone() {
        let request = pb::WithdrawWhistleRequest { whistle_id, reason: WHY.into() };
        let withdrawn = people.whistles("POST_SUB_DISTRICT_LEADER")?.withdraw_whistle(request).await;
        outcome = outcome.and(withdrawn.map(drop).map_err(refused));
    }
    if let Some(case_id) = made.case_id.clone() {
        let request = pb::VoidCaseRequest { case_id, reason: WHY.into() };
        let voided = people.cases("POST_SUB_DISTRICT_LEADER", SUB_DISTRICT)?.void_case(request).await;
        outcome = outcome.and(voided.map(drop).map_err(refused));
    }
    let request =
        exchange::EndSubscriptionRequest { subscription_id: subscription_id.to_owned(), reason: WHY.into() };
    let ended = SubscriptionServiceClient::new(people.system()?).end_subscription(request).await;
    outcome.and(ended.map(drop).map_err(refused))
}

//! People of the demo: each signs in like anybody else and calls the services over gRPC.

use anyhow::{Context, Result};
use gongzhi_chassis::caller::PostClaim;
use gongzhi_chassis::client::{Calling, Session};
use gongzhi_chassis::run;
use gongzhi_chassis::token::{AUDIENCE, Audience, Claims, Signer};
use gongzhi_proto::deliberation::v1::agenda_service_client::AgendaServiceClient;
use gongzhi_proto::deliberation::v1::balance_service_client::BalanceServiceClient;
use gongzhi_proto::deliberation::v1::ballot_service_client::BallotServiceClient;
use gongzhi_proto::deliberation::v1::conversation_service_client::ConversationServiceClient;
use gongzhi_proto::deliberation::v1::fund_service_client::FundServiceClient;
use gongzhi_proto::deliberation::v1::meeting_service_client::MeetingServiceClient;
use gongzhi_proto::deliberation::v1::pool_service_client::PoolServiceClient;
use gongzhi_proto::deliberation::v1::resolution_service_client::ResolutionServiceClient;
use gongzhi_proto::deliberation::v1::topic_service_client::TopicServiceClient;
use gongzhi_proto::dispatch::v1::case_service_client::CaseServiceClient;
use gongzhi_proto::dispatch::v1::whistle_service_client::WhistleServiceClient;
use gongzhi_proto::exchange::v1::delivery_service_client::DeliveryServiceClient;
use gongzhi_proto::exchange::v1::grant_service_client::GrantServiceClient;
use gongzhi_proto::exchange::v1::publication_service_client::PublicationServiceClient;
use gongzhi_proto::exchange::v1::subscription_service_client::SubscriptionServiceClient;
use gongzhi_proto::grid::v1::follow_up_service_client::FollowUpServiceClient;
use gongzhi_proto::grid::v1::grid_service_client::GridServiceClient;
use gongzhi_proto::ids::AreaCode;
use gongzhi_proto::organization::v1 as organization;
use gongzhi_proto::organization::v1::department_service_client::DepartmentServiceClient;
use gongzhi_proto::organization::v1::identity_service_client::IdentityServiceClient;
use gongzhi_proto::organization::v1::staff_service_client::StaffServiceClient;
use jiff::Timestamp;
use tonic::transport::Channel;
use uuid::Uuid;

use crate::process::Process;

/// How long tokens of the story last: longer than any story.
const LASTS_SECONDS: i64 = 400 * 86_400;

/// Where people act: the services, and the key of their accounts.
pub(crate) struct Stage {
    channel: Channel,
    signer: Signer,
    issuer: String,
    now: Timestamp,
}

impl Stage {
    /// The stage of a process.
    pub(crate) async fn of(process: &Process) -> Result<Self> {
        Self::at(&format!("http://{}", process.grpc_address), &process.context).await
    }

    /// The stage of processes that answer at an address and stand on the same ground as this one.
    pub(crate) async fn at(address: &str, context: &run::Context) -> Result<Self> {
        let channel = Channel::from_shared(address.to_owned())?.connect().await?;
        Self::on(channel, context).await
    }

    /// The stage of processes that answer on a connection.
    pub(crate) async fn on(channel: Channel, context: &run::Context) -> Result<Self> {
        let signer = gongzhi_organization::identity::signer(context).await?;
        Ok(Self { channel, signer, issuer: context.settings.issuer.clone(), now: context.clock.now() })
    }

    /// Calls about ballots by somebody who is not signed in.
    pub(crate) fn ballots_of_anybody(&self) -> BallotServiceClient<Channel> {
        BallotServiceClient::new(self.channel.clone())
    }

    /// Calls about conversations by somebody who is not signed in.
    pub(crate) fn conversations_of_anybody(&self) -> ConversationServiceClient<Channel> {
        ConversationServiceClient::new(self.channel.clone())
    }

    /// Calls about funds by somebody who is not signed in.
    pub(crate) fn funds_of_anybody(&self) -> FundServiceClient<Channel> {
        FundServiceClient::new(self.channel.clone())
    }
}

/// Somebody who is signed in.
#[derive(Clone)]
pub(crate) struct Actor {
    session: Session,
}

impl Actor {
    /// Signs in like anybody else. The token is then signed anew for longer than tokens last: a story moves the clock by weeks.
    pub(crate) async fn sign_in(place: &Stage, account: &str, password: &str) -> Result<Self> {
        let request = organization::SignInRequest { account: account.into(), password: password.into() };
        let answer = IdentityServiceClient::new(place.channel.clone())
            .sign_in(request)
            .await
            .with_context(|| format!("{account} cannot sign in"))?;
        let staff = answer.into_inner().staff.context("nobody signed in")?;
        let claim = |held: &organization::HeldPost| {
            let unit = Some(held.department_code.clone()).filter(|code| !code.is_empty());
            Ok(PostClaim {
                post: held.post().as_str_name().into(),
                area: AreaCode::parse(&held.area_code)?,
                unit,
            })
        };
        let now = place.now.as_second();
        let claims = Claims {
            iss: place.issuer.clone(),
            sub: staff.staff_id,
            aud: Audience::One(AUDIENCE.into()),
            iat: now,
            exp: now + LASTS_SECONDS,
            name: staff.display_name,
            posts: staff.posts.iter().map(claim).collect::<Result<_>>()?,
        };
        let session = Session::new(place.channel.clone(), &place.signer.sign(&claims)?)
            .context("the token is not ASCII")?;
        Ok(Self { session })
    }

    /// The same person on the connection of another stage.
    pub(crate) fn over(&self, stage: &Stage) -> Self {
        Self { session: self.session.over(stage.channel.clone()) }
    }

    /// Calls about cases with one key: what is called twice is a repeat.
    pub(crate) fn cases_with_key(&self, key: Uuid) -> CaseServiceClient<Calling> {
        CaseServiceClient::new(self.session.calls_with_key(key))
    }

    /// Calls about cases.
    pub(crate) fn cases(&self) -> CaseServiceClient<Calling> {
        CaseServiceClient::new(self.session.calls())
    }

    /// Calls about whistles.
    pub(crate) fn whistles(&self) -> WhistleServiceClient<Calling> {
        WhistleServiceClient::new(self.session.calls())
    }

    /// Calls about topics.
    pub(crate) fn topics(&self) -> TopicServiceClient<Calling> {
        TopicServiceClient::new(self.session.calls())
    }

    /// Calls about agendas.
    pub(crate) fn agendas(&self) -> AgendaServiceClient<Calling> {
        AgendaServiceClient::new(self.session.calls())
    }

    /// Calls about pools.
    pub(crate) fn pools(&self) -> PoolServiceClient<Calling> {
        PoolServiceClient::new(self.session.calls())
    }

    /// Calls about conversations.
    pub(crate) fn conversations(&self) -> ConversationServiceClient<Calling> {
        ConversationServiceClient::new(self.session.calls())
    }

    /// Calls about points of balance.
    pub(crate) fn balances(&self) -> BalanceServiceClient<Calling> {
        BalanceServiceClient::new(self.session.calls())
    }

    /// Calls about meetings.
    pub(crate) fn meetings(&self) -> MeetingServiceClient<Calling> {
        MeetingServiceClient::new(self.session.calls())
    }

    /// Calls about funds.
    pub(crate) fn funds(&self) -> FundServiceClient<Calling> {
        FundServiceClient::new(self.session.calls())
    }

    /// Calls about ballots.
    pub(crate) fn ballots(&self) -> BallotServiceClient<Calling> {
        BallotServiceClient::new(self.session.calls())
    }

    /// Calls about resolutions.
    pub(crate) fn resolutions(&self) -> ResolutionServiceClient<Calling> {
        ResolutionServiceClient::new(self.session.calls())
    }

    /// Calls about grids.
    pub(crate) fn grids(&self) -> GridServiceClient<Calling> {
        GridServiceClient::new(self.session.calls())
    }

    /// Calls about follow-up visits.
    pub(crate) fn visits(&self) -> FollowUpServiceClient<Calling> {
        FollowUpServiceClient::new(self.session.calls())
    }

    /// Calls by which an organization publishes.
    pub(crate) fn publications(&self) -> PublicationServiceClient<Calling> {
        PublicationServiceClient::new(self.session.calls())
    }

    /// Calls about grants.
    pub(crate) fn grants(&self) -> GrantServiceClient<Calling> {
        GrantServiceClient::new(self.session.calls())
    }

    /// Calls about subscriptions.
    pub(crate) fn subscriptions(&self) -> SubscriptionServiceClient<Calling> {
        SubscriptionServiceClient::new(self.session.calls())
    }

    /// Calls by which facts are received.
    pub(crate) fn deliveries(&self) -> DeliveryServiceClient<Calling> {
        DeliveryServiceClient::new(self.session.calls())
    }

    /// Calls about departments.
    pub(crate) fn departments(&self) -> DepartmentServiceClient<Calling> {
        DepartmentServiceClient::new(self.session.calls())
    }

    /// Calls about people on duty.
    pub(crate) fn staff(&self) -> StaffServiceClient<Calling> {
        StaffServiceClient::new(self.session.calls())
    }
}

//! gRPC of subscriptions: admit, parse, execute, reply.

use std::sync::Arc;

use gongzhi_chassis::execute::{Target, Writer};
use gongzhi_chassis::gate::{Admission, admit};
use gongzhi_chassis::nats_identity;
use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::subscription_service_server::SubscriptionService;
use gongzhi_proto::ids::{AreaCode, SubscriptionId};
use gongzhi_proto::time::to_wire;
use tonic::{Request, Response, Status};

use super::keys::Key;
use super::parse::{Begin, Wanted};
use super::store::Listed;
use super::{Command, From, Making, Scheme, SubscriptionKind, Way, keys, parse, shown, store};
use crate::delivery::nats::Outside;
use crate::delivery::{held, webhook};
use crate::grant::GrantKind;
use crate::hub::Hub;
use crate::party::Party;

/// The service of subscriptions.
#[derive(Clone)]
pub(crate) struct Subscriptions {
    pub(crate) writer: Writer,
    pub(crate) hub: Hub,
    pub(crate) district: AreaCode,
    pub(crate) sender: webhook::Sender,
    /// Where this installation issues credentials on NATS.
    pub(crate) outside: Option<Outside>,
}

/// Tries against others who change the same subscription at the same moment.
const TRIES: usize = 4;

impl Subscriptions {
    /// The subscription as it is now; whoever may not see it is told that there is none.
    async fn visible(&self, admission: &Admission, id: &SubscriptionId) -> Result<Listed, Failure> {
        let missing = || Failure::NotFound(format!("subscription {id}"));
        let listed = store::find(self.writer.pool(), &id.to_string()).await?.ok_or_else(missing)?;
        let making = &listed.subscription.making;
        admission.require(&making.party.scope(&making.district), None).map_err(|_| missing())?;
        Ok(listed)
    }

    async fn show(&self, id: &str) -> Result<Option<pb::Subscription>, Failure> {
        let listed = store::find(self.writer.pool(), id).await?;
        Ok(listed.map(|listed| self.shown(&listed)))
    }

    fn shown(&self, listed: &Listed) -> pb::Subscription {
        shown::subscription(listed, self.hub.stream().as_ref(), self.writer.clock().now())
    }

    async fn execute(
        &self,
        admission: &Admission,
        id: &SubscriptionId,
        command: Command,
    ) -> Result<Option<pb::Subscription>, Status> {
        let id = id.to_string();
        self.writer
            .execute::<SubscriptionKind>(admission, &Arc::default(), Target::Existing(&id), command)
            .await?;
        self.hub.registry().refresh().await?;
        Ok(self.show(&id).await?)
    }

    async fn from(&self, begin: &Begin) -> Result<From, Failure> {
        match begin {
            Begin::Now => self.hub.edge(true).await,
            Begin::Beginning => self.hub.edge(false).await,
            Begin::At(at) => self.hub.find(*at).await,
        }
    }

    /// Fails unless something could come of it now.
    async fn could_deliver(&self, wanted: &Wanted) -> Result<(), Failure> {
        let grant = match &wanted.grant {
            None => None,
            Some(id) => {
                let found = self.writer.load::<GrantKind>(&id.to_string()).await?;
                Some(found.ok_or_else(|| Failure::NotFound(format!("grant {id}")))?.0)
            }
        };
        parse::could_deliver(wanted, grant.as_ref(), self.hub.catalogue(), self.writer.clock().now())
    }

    async fn make(&self, admission: &Admission, wanted: Wanted) -> Result<String, Failure> {
        let from = self.from(&wanted.start).await?;
        let Wanted { party, name, grant, filter, way, start: _, in_hand, reference } = wanted;
        let scheme = match &way {
            Way::Webhook { scheme, .. } => Some(*scheme),
            Way::Pull | Way::Nats => None,
        };
        let district = self.district.clone();
        let making = Making { party, name, grant, filter, way, from, district, in_hand, reference };
        let command = Command::Make(Box::new(making));
        let id = self.writer.clock().new_id().to_string();
        for _ in 0..TRIES {
            let mut unit = self.writer.begin(admission).await?;
            let done = unit.execute::<SubscriptionKind>(&(), Target::Any(&id), &command).await?;
            if let (Some(scheme), false) = (scheme, unit.is_repeat()) {
                let at = unit.at();
                keys::make(unit.connection().await?, &done.id, done.state.keys, scheme, at).await?;
            }
            if unit.commit().await? {
                self.hub.registry().refresh().await?;
                return Ok(done.id);
            }
        }
        Err(Failure::Conflict)
    }

    async fn rotate(&self, admission: &Admission, id: &str) -> Result<(), Failure> {
        for _ in 0..TRIES {
            let mut unit = self.writer.begin(admission).await?;
            let done =
                unit.execute::<SubscriptionKind>(&(), Target::Existing(id), &Command::RotateKey).await?;
            if let (Way::Webhook { scheme, .. }, false) = (&done.state.making.way, unit.is_repeat()) {
                let (at, scheme): (_, Scheme) = (unit.at(), *scheme);
                keys::make(unit.connection().await?, id, done.state.keys, scheme, at).await?;
            }
            if unit.commit().await? {
                return Ok(());
            }
        }
        Err(Failure::Conflict)
    }

    /// Who serves subscribers on NATS, or what must be set so that somebody does.
    fn outside(&self) -> Result<&Outside, Failure> {
        self.outside.as_ref().ok_or_else(nats_identity::not_issued)
    }

    async fn keys(&self, id: &str) -> Result<Vec<pb::SigningKey>, Failure> {
        let mut connection = self.writer.pool().acquire().await?;
        let keys = keys::signing(&mut connection, id, self.writer.clock().now()).await?;
        let shown = |key: Key| pb::SigningKey {
            key: key.signing.verifying_key().expose(),
            made_at: Some(to_wire(key.made_at)),
            ends_at: key.ends_at.map(to_wire),
        };
        Ok(keys.into_iter().map(shown).collect())
    }
}

/// The word for a state in the table.
fn word(status: pb::SubscriptionStatus) -> &'static str {
    match status {
        pb::SubscriptionStatus::Unspecified | pb::SubscriptionStatus::Active => "active",
        pb::SubscriptionStatus::Paused => "paused",
        pb::SubscriptionStatus::Ended => "ended",
    }
}

#[tonic::async_trait]
impl SubscriptionService for Subscriptions {
    async fn subscribe(
        &self,
        request: Request<pb::SubscribeRequest>,
    ) -> Result<Response<pb::SubscribeResponse>, Status> {
        let (admission, request) = admit(request)?;
        let now = self.writer.clock().now();
        let wanted = parse::subscribe(&request, &self.district, self.hub.catalogue(), now)?;
        wanted.party.require(&admission, &self.district)?;
        if wanted.way == Way::Nats {
            self.outside()?;
        }
        self.could_deliver(&wanted).await?;
        let id = self.make(&admission, wanted).await?;
        Ok(Response::new(pb::SubscribeResponse { subscription: self.show(&id).await? }))
    }

    async fn change_subscription(
        &self,
        request: Request<pb::ChangeSubscriptionRequest>,
    ) -> Result<Response<pb::ChangeSubscriptionResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.subscription_id)?;
        let was = self.visible(&admission, &id).await?.subscription.making;
        let wanted = parse::change(&request, &was, self.hub.catalogue())?;
        self.could_deliver(&wanted).await?;
        let command = Command::Change { filter: wanted.filter, way: wanted.way };
        let subscription = self.execute(&admission, &id, command).await?;
        Ok(Response::new(pb::ChangeSubscriptionResponse { subscription }))
    }

    async fn pause_subscription(
        &self,
        request: Request<pb::PauseSubscriptionRequest>,
    ) -> Result<Response<pb::PauseSubscriptionResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, reason) = parse::with_reason(&request.subscription_id, &request.reason)?;
        let subscription = self.execute(&admission, &id, Command::Pause { reason }).await?;
        Ok(Response::new(pb::PauseSubscriptionResponse { subscription }))
    }

    async fn resume_subscription(
        &self,
        request: Request<pb::ResumeSubscriptionRequest>,
    ) -> Result<Response<pb::ResumeSubscriptionResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.subscription_id)?;
        let subscription = self.execute(&admission, &id, Command::Resume).await?;
        Ok(Response::new(pb::ResumeSubscriptionResponse { subscription }))
    }

    async fn rewind_subscription(
        &self,
        request: Request<pb::RewindSubscriptionRequest>,
    ) -> Result<Response<pb::RewindSubscriptionResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, begin) = parse::rewind(&request, self.writer.clock().now())?;
        let from = self.from(&begin).await?;
        let subscription = self.execute(&admission, &id, Command::Rewind(from)).await?;
        Ok(Response::new(pb::RewindSubscriptionResponse { subscription }))
    }

    async fn end_subscription(
        &self,
        request: Request<pb::EndSubscriptionRequest>,
    ) -> Result<Response<pb::EndSubscriptionResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, reason) = parse::with_reason(&request.subscription_id, &request.reason)?;
        let subscription = self.execute(&admission, &id, Command::End { reason }).await?;
        Ok(Response::new(pb::EndSubscriptionResponse { subscription }))
    }

    async fn get_subscription(
        &self,
        request: Request<pb::GetSubscriptionRequest>,
    ) -> Result<Response<pb::GetSubscriptionResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.subscription_id)?;
        let listed = self.visible(&admission, &id).await?;
        Ok(Response::new(pb::GetSubscriptionResponse { subscription: Some(self.shown(&listed)) }))
    }

    async fn list_subscriptions(
        &self,
        request: Request<pb::ListSubscriptionsRequest>,
    ) -> Result<Response<pb::ListSubscriptionsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let party = match &request.organization {
            None => None,
            given => Party::parse(&mut violations, "organization", given.as_ref(), &self.district),
        };
        let statuses: Vec<_> = (0..)
            .zip(&request.statuses)
            .filter_map(|(nth, status)| violations.choice(&format!("statuses[{nth}]"), *status))
            .map(word)
            .collect();
        let page = Page::parse(&mut violations, request.page_size, &request.page_token, 50, 200);
        let reference = parse::reference(&mut violations, &request.reference);
        violations.finish()?;
        // All subscriptions of the district are for who answers for the district.
        let all = Party::Area(self.district.clone());
        admission.require(&party.as_ref().unwrap_or(&all).scope(&self.district), None)?;
        let mut found = store::list(self.writer.pool(), (party.as_ref(), &reference), &statuses, &page)
            .await
            .map_err(Failure::from)?;
        let next_page_token = page.cut(&mut found, Listed::key);
        let subscriptions = found.iter().map(|listed| self.shown(listed)).collect();
        Ok(Response::new(pb::ListSubscriptionsResponse { subscriptions, next_page_token }))
    }

    async fn read_signing_keys(
        &self,
        request: Request<pb::ReadSigningKeysRequest>,
    ) -> Result<Response<pb::ReadSigningKeysResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.subscription_id)?;
        self.visible(&admission, &id).await?;
        let keys = self.keys(&id.to_string()).await?;
        Ok(Response::new(pb::ReadSigningKeysResponse { keys }))
    }

    async fn rotate_signing_key(
        &self,
        request: Request<pb::RotateSigningKeyRequest>,
    ) -> Result<Response<pb::RotateSigningKeyResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.subscription_id)?.to_string();
        self.rotate(&admission, &id).await?;
        let keys = self.keys(&id).await?;
        Ok(Response::new(pb::RotateSigningKeyResponse { keys }))
    }

    async fn issue_nats_credentials(
        &self,
        request: Request<pb::IssueNatsCredentialsRequest>,
    ) -> Result<Response<pb::IssueNatsCredentialsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.subscription_id)?;
        self.visible(&admission, &id).await?;
        let answer = self.outside()?.issue(&self.writer, self.hub.registry(), &admission, id.0).await?;
        Ok(Response::new(answer))
    }

    async fn send_test(
        &self,
        request: Request<pb::SendTestRequest>,
    ) -> Result<Response<pb::SendTestResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.subscription_id)?;
        let listed = self.visible(&admission, &id).await?;
        Ok(Response::new(self.sender.test(&listed).await?))
    }

    async fn list_held_deliveries(
        &self,
        request: Request<pb::ListHeldDeliveriesRequest>,
    ) -> Result<Response<pb::ListHeldDeliveriesResponse>, Status> {
        let (admission, request) = admit(request)?;
        let mut violations = Violations::new();
        let id = violations.id("subscription_id", &request.subscription_id, SubscriptionId::parse);
        let page = Page::parse(&mut violations, request.page_size, &request.page_token, 50, 200);
        let id = violations.open(id)?;
        self.visible(&admission, &id).await?;
        let mut found =
            held::list(self.writer.pool(), &id.to_string(), &page).await.map_err(Failure::from)?;
        let next_page_token = page.cut(&mut found, |held| held.position.to_string());
        Ok(Response::new(pb::ListHeldDeliveriesResponse { deliveries: found, next_page_token }))
    }

    async fn retry_held_deliveries(
        &self,
        request: Request<pb::RetryHeldDeliveriesRequest>,
    ) -> Result<Response<pb::RetryHeldDeliveriesResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.subscription_id)?.to_string();
        for _ in 0..TRIES {
            let mut unit = self.writer.begin(&admission).await?;
            unit.execute::<SubscriptionKind>(&(), Target::Existing(&id), &Command::NoteRetry).await?;
            let now = unit.at();
            let retried = held::retry(unit.connection().await?, &id, now).await.map_err(Failure::from)?;
            if unit.commit().await? {
                return Ok(Response::new(pb::RetryHeldDeliveriesResponse { retried }));
            }
        }
        Err(Failure::Conflict.into())
    }
}

//! gRPC of balances: admit, parse, execute, reply.

use std::sync::Arc;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{DoneOf, Target, Unit, Writer};
use gongzhi_chassis::gate::{Admission, admit};
use gongzhi_chassis::page::newest_key;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::balance_service_server::BalanceService;
use gongzhi_proto::ids::BalanceId;
use tonic::{Request, Response, Status};

use super::machine::Refusal;
use super::parse::{Asked, Given};
use super::seal::{self, Place};
use super::state::{Balance, Phase, Plan, Position};
use super::{BalanceKind, Command, find, parse, reply, store};
use crate::rules::{Policy, Rules};
use crate::secrets::Secrets;
use crate::topic::{self, Stage, TopicKind, community};

/// Tries against others who change the same balance at the same moment.
const TRIES: usize = 4;

/// The service of balances.
#[derive(Clone)]
pub(crate) struct Balances {
    pub(crate) writer: Writer,
    pub(crate) rules: Arc<Rules>,
    pub(crate) secrets: Secrets,
}

fn shown(done: &DoneOf<BalanceKind>) -> Option<pb::Balance> {
    Some(reply::balance(&done.id, &done.state, done.version))
}

impl Balances {
    /// Opens a balance while its topic is held fast, so that it is not over meanwhile.
    async fn open(&self, admission: &Admission, asked: &Asked) -> Result<DoneOf<BalanceKind>, Failure> {
        for _ in 0..TRIES {
            let mut unit = self.writer.begin(admission).await?;
            unit.load_all::<TopicKind>(&[asked.topic.to_string()].into()).await?;
            let (topic, _) = topic::find(&self.writer, &asked.topic).await?;
            let area = community(&topic.area);
            admission.require(&Scope::area(area.clone()), None)?;
            let plan = Box::new(Plan {
                topic: asked.topic,
                area,
                parties: asked.parties.clone(),
                options: asked.options.clone(),
                most_rounds: self.rules.at(Policy::BalanceRounds, unit.at()),
            });
            let topic_is_open = matches!(topic.stage, Stage::Open | Stage::Scheduled { .. });
            let id = unit.new_id().to_string();
            let command = Command::Open { plan, topic_is_open };
            let done = unit.execute::<BalanceKind>(&(), Target::Any(&id), &command).await?;
            if unit.commit().await? {
                return Ok(done);
            }
        }
        Err(Failure::Conflict)
    }

    /// Carries out what follows from a balance as it is, which stays so until that is done.
    async fn follow(
        &self,
        admission: &Admission,
        id: &BalanceId,
        command: impl Fn(&str, &Balance) -> Result<Command, Failure>,
    ) -> Result<Option<pb::Balance>, Failure> {
        let key = id.to_string();
        for _ in 0..TRIES {
            let mut unit = self.writer.begin(admission).await?;
            let balance = self.held(&mut unit, id).await?;
            admission.require(&Scope::area(balance.plan.area.clone()), None)?;
            let command = command(&key, &balance)?;
            let done = unit.execute::<BalanceKind>(&(), Target::Existing(&key), &command).await?;
            if unit.commit().await? {
                return Ok(shown(&done));
            }
        }
        Err(Failure::Conflict)
    }

    async fn held(&self, unit: &mut Unit, id: &BalanceId) -> Result<Balance, Failure> {
        unit.load_all::<BalanceKind>(&[id.to_string()].into()).await?;
        Ok(find(&self.writer, id).await?.0)
    }

    fn given(&self, id: &str, balance: &Balance, given: &Given) -> Result<Command, Failure> {
        if given.position.scores.len() != balance.plan.options.len() {
            return Err(Failure::refused(&Refusal::PositionsDoNotFit));
        }
        let place = Place { balance: id, round: balance.round(), party: &given.party };
        let sealed = seal::seal(&self.secrets, place, &given.position)?;
        Ok(Command::Give { party: given.party.clone(), sealed })
    }

    /// What the parties have given in this round, in their order; nothing of those who have not.
    fn opened(&self, id: &str, balance: &Balance) -> Result<Command, Failure> {
        let Phase::Asking { given } = &balance.phase else {
            return Ok(Command::Reveal { positions: Vec::new() });
        };
        let sealed = balance.plan.parties.iter().filter_map(|party| given.get_key_value(&party.code));
        let open = |(party, sealed): (&String, &String)| {
            seal::open(&self.secrets, Place { balance: id, round: balance.round(), party }, sealed)
        };
        let positions: Result<Vec<Position>, Failure> = sealed.map(open).collect();
        Ok(Command::Reveal { positions: positions? })
    }
}

#[tonic::async_trait]
impl BalanceService for Balances {
    async fn open_balance(
        &self,
        request: Request<pb::OpenBalanceRequest>,
    ) -> Result<Response<pb::OpenBalanceResponse>, Status> {
        let (admission, request) = admit(request)?;
        let done = self.open(&admission, &parse::open(&request)?).await?;
        Ok(Response::new(pb::OpenBalanceResponse { balance: shown(&done) }))
    }

    async fn give_position(
        &self,
        request: Request<pb::GivePositionRequest>,
    ) -> Result<Response<pb::GivePositionResponse>, Status> {
        let (admission, request) = admit(request)?;
        // Positions are few: what is sealed must not be found by trying requests against the digests by which repeats are known.
        let admission = admission.keyed(|digest| self.secrets.request(digest));
        let given = parse::give(&request)?;
        let command = |id: &str, balance: &Balance| self.given(id, balance, &given);
        let balance = self.follow(&admission, &given.id, command).await?;
        Ok(Response::new(pb::GivePositionResponse { balance }))
    }

    async fn reveal_balance(
        &self,
        request: Request<pb::RevealBalanceRequest>,
    ) -> Result<Response<pb::RevealBalanceResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.balance_id)?;
        let command = |id: &str, balance: &Balance| self.opened(id, balance);
        let balance = self.follow(&admission, &id, command).await?;
        Ok(Response::new(pb::RevealBalanceResponse { balance }))
    }

    async fn next_round(
        &self,
        request: Request<pb::NextRoundRequest>,
    ) -> Result<Response<pb::NextRoundResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.balance_id)?;
        let balance = self.follow(&admission, &id, |_, _| Ok(Command::NextRound)).await?;
        Ok(Response::new(pb::NextRoundResponse { balance }))
    }

    async fn agree_balance(
        &self,
        request: Request<pb::AgreeBalanceRequest>,
    ) -> Result<Response<pb::AgreeBalanceResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, command) = parse::agree(&request)?;
        let balance = self.follow(&admission, &id, |_, _| Ok(command.clone())).await?;
        Ok(Response::new(pb::AgreeBalanceResponse { balance }))
    }

    async fn get_balance(
        &self,
        request: Request<pb::GetBalanceRequest>,
    ) -> Result<Response<pb::GetBalanceResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.balance_id)?;
        let (balance, version) = find(&self.writer, &id).await?;
        admission.require(&Scope::area(balance.plan.area.clone()), None)?;
        let balance = Some(reply::balance(&id.to_string(), &balance, version));
        Ok(Response::new(pb::GetBalanceResponse { balance }))
    }

    async fn list_balances(
        &self,
        request: Request<pb::ListBalancesRequest>,
    ) -> Result<Response<pb::ListBalancesResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, page) = parse::list(&request)?;
        let (topic, _) = topic::find(&self.writer, &id).await?;
        admission.require(&Scope::area(community(&topic.area)), None)?;
        let mut found = store::list(self.writer.pool(), &id, &page).await.map_err(Failure::from)?;
        let next_page_token = page.cut(&mut found, |(id, balance, _)| newest_key(balance.opened_at, id));
        let balances = found.iter().map(|(id, balance, version)| reply::balance(id, balance, *version));
        Ok(Response::new(pb::ListBalancesResponse { balances: balances.collect(), next_page_token }))
    }
}

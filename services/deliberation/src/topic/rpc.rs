//! gRPC of topics: admit, parse, execute, reply.

use std::sync::Arc;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{DoneOf, Target, Writer};
use gongzhi_chassis::gate::{Admission, admit};
use gongzhi_chassis::page::newest_key;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::topic_service_server::TopicService;
use gongzhi_proto::ids::TopicId;
use tonic::{Request, Response, Status};

use super::demand::{self, Tally};
use super::store::Found;
use super::{Command, Refusal, Topic, TopicKind, community, find, parse, reply, similar, store};
use crate::secrets::Secrets;

/// Tries against others who change the same topics at the same moment.
const TRIES: usize = 4;

/// The service of topics.
#[derive(Clone)]
pub(crate) struct Topics {
    pub(crate) writer: Writer,
    pub(crate) secrets: Secrets,
}

impl Topics {
    async fn execute(
        &self,
        admission: &Admission,
        target: Target<'_>,
        command: Command,
    ) -> Result<Option<pb::Topic>, Failure> {
        let done = self.writer.execute::<TopicKind>(admission, &Arc::default(), target, command).await?;
        self.shown(&done).await
    }

    async fn shown(&self, done: &DoneOf<TopicKind>) -> Result<Option<pb::Topic>, Failure> {
        let found = Found { id: done.id.clone(), topic: done.state.clone(), version: done.version };
        Ok(self.all(std::slice::from_ref(&found)).await?.pop())
    }

    /// Topics as they are now, with the cases behind them.
    async fn all(&self, found: &[Found]) -> Result<Vec<pb::Topic>, Failure> {
        let ids: Vec<_> = found.iter().map(|found| found.id.as_str()).collect();
        let tallies = demand::tallies(self.writer.pool(), &ids).await?;
        let (none, now) = (Tally::default(), self.writer.clock().now());
        let shown = |Found { id, topic, version }: &Found| {
            reply::topic(id, topic, *version, (tallies.get(id).unwrap_or(&none), now))
        };
        Ok(found.iter().map(shown).collect())
    }

    /// Merges a topic into another one, both in one commit. The smaller identity is locked first, so that two merges cannot wait for each other.
    async fn merge(
        &self,
        admission: &Admission,
        (id, into): (TopicId, TopicId),
        reason: &str,
    ) -> Result<(DoneOf<TopicKind>, DoneOf<TopicKind>), Failure> {
        for _ in 0..TRIES {
            let mut unit = self.writer.begin(admission).await?;
            unit.load_all::<TopicKind>(&[id.to_string(), into.to_string()].into()).await?;
            let (topic, _) = find(&self.writer, &id).await?;
            let close = Command::MergeInto { into, reason: reason.to_owned() };
            let closed = unit.execute::<TopicKind>(&(), Target::Existing(&id.to_string()), &close).await?;
            // Its places are the other one's from here on, so they are read as they were before; nobody changes them while both are locked.
            let (households, places) = (closed.state.households.clone(), topic.places);
            let absorb = Command::Absorb { from: id, households, places };
            let on = unit.execute::<TopicKind>(&(), Target::Existing(&into.to_string()), &absorb).await?;
            if unit.commit().await? {
                return Ok((closed, on));
            }
        }
        Err(Failure::Conflict)
    }
}

#[tonic::async_trait]
impl TopicService for Topics {
    async fn propose_topic(
        &self,
        request: Request<pb::ProposeTopicRequest>,
    ) -> Result<Response<pb::ProposeTopicResponse>, Status> {
        let (admission, request) = admit(request)?;
        let beginning = parse::propose(&request)?;
        let id = self.writer.clock().new_id().to_string();
        let command = Command::Begin(Box::new(beginning));
        let topic = self.execute(&admission, Target::Any(&id), command).await?;
        Ok(Response::new(pb::ProposeTopicResponse { topic }))
    }

    async fn word_topic(
        &self,
        request: Request<pb::WordTopicRequest>,
    ) -> Result<Response<pb::WordTopicResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, wording) = parse::word(&request)?;
        let target = id.to_string();
        let topic = self.execute(&admission, Target::Existing(&target), Command::Word(wording)).await?;
        Ok(Response::new(pb::WordTopicResponse { topic }))
    }

    async fn support_topic(
        &self,
        request: Request<pb::SupportTopicRequest>,
    ) -> Result<Response<pb::SupportTopicResponse>, Status> {
        let (admission, request) = admit(request)?;
        // Households are few: which one it was must not be found by trying requests against the digests by which repeats are known.
        let admission = admission.keyed(|digest| self.secrets.request(digest));
        let support = parse::support(&request)?;
        let (topic, _) = find(&self.writer, &support.id).await?;
        // Whose topic it is comes before what else is wrong: who may not see it learns nothing of it.
        admission.require(&Scope::area(community(&topic.area)), None)?;
        if !community(&topic.area).contains(&support.building) {
            let mut violations = Violations::new();
            violations.add("building_code", format!("must lie in the community {}", community(&topic.area)));
            violations.finish()?;
        }
        let household = self.secrets.household(community(&topic.area).as_str(), &support.household);
        let command = Command::Support { household, building: support.building };
        let topic = self.execute(&admission, Target::Existing(&support.id.to_string()), command).await?;
        Ok(Response::new(pb::SupportTopicResponse { topic }))
    }

    async fn gate_topic(
        &self,
        request: Request<pb::GateTopicRequest>,
    ) -> Result<Response<pb::GateTopicResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, gate) = parse::gate(&request)?;
        let target = id.to_string();
        let topic = self.execute(&admission, Target::Existing(&target), Command::SetGate(gate)).await?;
        Ok(Response::new(pb::GateTopicResponse { topic }))
    }

    async fn merge_topic(
        &self,
        request: Request<pb::MergeTopicRequest>,
    ) -> Result<Response<pb::MergeTopicResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, into, reason) = parse::merge(&request)?;
        let (topic, _) = find(&self.writer, &id).await?;
        admission.require(&Scope::area(community(&topic.area)), None)?;
        let (other, _) = find(&self.writer, &into).await?;
        if id == into || community(&topic.area) != community(&other.area) {
            return Err(Failure::refused(&Refusal::CannotMerge).into());
        }
        let (closed, on) = self.merge(&admission, (id, into), &reason).await?;
        let (topic, into) = (self.shown(&closed).await?, self.shown(&on).await?);
        Ok(Response::new(pb::MergeTopicResponse { topic, into }))
    }

    async fn decline_topic(
        &self,
        request: Request<pb::DeclineTopicRequest>,
    ) -> Result<Response<pb::DeclineTopicResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, reason) = parse::decline(&request)?;
        let target = id.to_string();
        let topic = self.execute(&admission, Target::Existing(&target), Command::Decline { reason }).await?;
        Ok(Response::new(pb::DeclineTopicResponse { topic }))
    }

    async fn get_topic(
        &self,
        request: Request<pb::GetTopicRequest>,
    ) -> Result<Response<pb::GetTopicResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.topic_id)?;
        let (topic, version) = find(&self.writer, &id).await?;
        admission.require(&Scope::area(community(&topic.area)), None)?;
        let found = Found { id: id.to_string(), topic, version };
        let topic = self.all(std::slice::from_ref(&found)).await?.pop();
        Ok(Response::new(pb::GetTopicResponse { topic }))
    }

    async fn list_topics(
        &self,
        request: Request<pb::ListTopicsRequest>,
    ) -> Result<Response<pb::ListTopicsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (area, status, page) = parse::list(&request)?;
        admission.require(&Scope::area(area.clone()), None)?;
        let mut topics =
            store::list(self.writer.pool(), &area, status, &page).await.map_err(Failure::from)?;
        let next_page_token = page.cut(&mut topics, |found| newest_key(found.topic.proposed_at, &found.id));
        let topics = self.all(&topics).await?;
        Ok(Response::new(pb::ListTopicsResponse { topics, next_page_token }))
    }

    async fn list_similar_topics(
        &self,
        request: Request<pb::ListSimilarTopicsRequest>,
    ) -> Result<Response<pb::ListSimilarTopicsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.topic_id)?;
        let (topic, _) = find(&self.writer, &id).await?;
        admission.require(&Scope::area(community(&topic.area)), None)?;
        let now = self.writer.clock().now();
        let waiting = store::waiting(self.writer.pool(), &community(&topic.area), now).await;
        let others: Vec<_> =
            waiting.map_err(Failure::from)?.into_iter().filter(|other| other.id != id.to_string()).collect();
        let topics: Vec<&Topic> = others.iter().map(|other| &other.topic).collect();
        let alike = similar::similar(&topic, &topics);
        let found: Vec<_> = alike.iter().map(|(at, ..)| others[*at].clone()).collect();
        let shown = self.all(&found).await?;
        let topics = shown
            .into_iter()
            .zip(alike)
            .map(|(topic, (_, likeness, same_category))| pb::SimilarTopic {
                topic: Some(topic),
                likeness,
                same_category,
            })
            .collect();
        Ok(Response::new(pb::ListSimilarTopicsResponse { topics }))
    }
}

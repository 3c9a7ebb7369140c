//! gRPC of conversations: admit, parse, execute, reply.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use futures::Stream;
use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{DoneOf, Writer};
use gongzhi_chassis::gate::{Admission, admit};
use gongzhi_chassis::page::newest_key;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::conversation_service_server::ConversationService;
use gongzhi_proto::ids::ConversationId;
use tonic::{Request, Response, Status};

use super::joint::{self, Maker, Slip};
use super::map::Matrix;
use super::maps::Maps;
use super::store::Accepted;
use super::voice::{Voice, VoiceKind};
use super::{Conversation, ConversationKind, export, find, machine, parse, reply, store, told};
use crate::computing::aside;
use crate::pieces::pieces;
use crate::rules::Rules;
use crate::secrets::Secrets;
use crate::topic::{self, community};

/// Statements that are given at once to be judged.
const NEXT: usize = 10;

/// The service of conversations.
#[derive(Clone)]
pub(crate) struct Conversations {
    writer: Writer,
    rules: Arc<Rules>,
    secrets: Secrets,
    maps: Maps,
    exporting: Arc<tokio::sync::Mutex<()>>,
}

type Pieces = Pin<Box<dyn Stream<Item = Result<pb::ExportConversationResponse, Status>> + Send>>;

impl Conversations {
    pub(crate) fn new(writer: &Writer, rules: &Arc<Rules>, secrets: &Secrets) -> Self {
        let maps = Maps::new(writer);
        Self {
            writer: writer.clone(),
            rules: rules.clone(),
            secrets: secrets.clone(),
            maps,
            exporting: Arc::default(),
        }
    }

    async fn slip(&self, (id, code): &(ConversationId, String)) -> Result<Slip, Failure> {
        joint::slip(&self.writer, &self.secrets, (*id, code)).await
    }

    /// What was said with a slip.
    async fn voice(&self, slip: &Slip) -> Result<Voice, Failure> {
        let found = self.writer.load::<VoiceKind>(&slip.voice).await?;
        Ok(found.map(|(placed, _)| placed.voice).unwrap_or_default())
    }

    /// A conversation at which the caller may look.
    async fn look(&self, admission: &Admission, id: &ConversationId) -> Result<Conversation, Failure> {
        let (conversation, _) = find(&self.writer, id).await?;
        admission.require(&Scope::area(conversation.plan.area.clone()), None)?;
        Ok(conversation)
    }

    async fn record(&self, id: &ConversationId) -> Result<String, Failure> {
        let (conversation, _) = find(&self.writer, id).await?;
        // Before reading what may be much: while it goes on there is no record.
        if conversation.closing.is_none() {
            return Err(Failure::refused(&machine::Refusal::StillOpen));
        }
        // What everybody may ask for is written for one at a time.
        let _turn = self.exporting.lock().await;
        let mut connection = self.writer.pool().acquire().await?;
        let matrix = Matrix::of(&mut connection, &id.to_string()).await?;
        machine::export(&conversation, matrix.people.len()).map_err(|refusal| Failure::refused(&refusal))?;
        let own = id.to_string();
        let written = aside(move || export::write(&own, &conversation, &matrix)).await;
        let broken = || Failure::Bug("writing a record broke down".into());
        written.ok_or_else(broken)?.map_err(|error| Failure::Bug(error.to_string()))
    }
}

fn shown(done: &DoneOf<ConversationKind>) -> Option<pb::Conversation> {
    Some(reply::conversation(&done.id, &done.state, done.version))
}

/// What a slip judges next: what it has not judged yet, by what a judgement tells, of equals by number.
fn next<'a>(shown: &'a [Accepted], priorities: &BTreeMap<u32, f64>, voice: &Voice) -> Vec<&'a Accepted> {
    let is_new = |statement: &&Accepted| !voice.judgements.contains_key(&statement.number);
    let mut waiting: Vec<_> = shown.iter().filter(is_new).collect();
    let priority = |statement: &Accepted| priorities.get(&statement.number).copied().unwrap_or_default();
    // They come by number, and sorting keeps the order of equals.
    waiting.sort_by(|a, b| priority(b).total_cmp(&priority(a)));
    waiting.truncate(NEXT);
    waiting
}

#[tonic::async_trait]
impl ConversationService for Conversations {
    type ExportConversationStream = Pieces;

    async fn open_conversation(
        &self,
        request: Request<pb::OpenConversationRequest>,
    ) -> Result<Response<pb::OpenConversationResponse>, Status> {
        let (admission, request) = admit(request)?;
        let asked = parse::open(&request, &self.rules, self.writer.clock().now())?;
        let done = joint::open(&self.writer, &self.rules, &admission, &asked).await?;
        Ok(Response::new(pb::OpenConversationResponse { conversation: shown(&done) }))
    }

    async fn print_conversation_slips(
        &self,
        request: Request<pb::PrintConversationSlipsRequest>,
    ) -> Result<Response<pb::PrintConversationSlipsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.conversation_id)?;
        let codes = joint::print(&self.writer, &self.secrets, &admission, &id).await?;
        Ok(Response::new(pb::PrintConversationSlipsResponse { codes }))
    }

    async fn submit_statement(
        &self,
        request: Request<pb::SubmitStatementRequest>,
    ) -> Result<Response<pb::SubmitStatementResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (slip, text) = parse::submit(&request)?;
        let slip = self.slip(&slip).await?;
        let (number, made) = joint::make(&self.writer, &admission, Maker::Slip(&slip), &text).await?;
        let statement = Some(reply::statement(number, &made));
        Ok(Response::new(pb::SubmitStatementResponse { statement }))
    }

    async fn seed_statement(
        &self,
        request: Request<pb::SeedStatementRequest>,
    ) -> Result<Response<pb::SeedStatementResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, text) = parse::seed(&request)?;
        let (number, made) = joint::make(&self.writer, &admission, Maker::Organisers(id), &text).await?;
        let statement = Some(reply::statement(number, &made));
        Ok(Response::new(pb::SeedStatementResponse { statement }))
    }

    async fn moderate_statement(
        &self,
        request: Request<pb::ModerateStatementRequest>,
    ) -> Result<Response<pb::ModerateStatementResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (at, command) = parse::moderate(&request)?;
        let moderated = joint::moderate(&self.writer, &admission, at, &command).await?;
        let statement = Some(reply::statement(at.1, &moderated));
        Ok(Response::new(pb::ModerateStatementResponse { statement }))
    }

    async fn list_statements(
        &self,
        request: Request<pb::ListStatementsRequest>,
    ) -> Result<Response<pb::ListStatementsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, status, page) = parse::statements(&request)?;
        self.look(&admission, &id).await?;
        let found = store::statements(self.writer.pool(), &id.to_string(), status, &page).await;
        let mut found = found.map_err(Failure::from)?;
        let next_page_token = page.cut(&mut found, |(number, _)| number.to_string());
        let statements = found.iter().map(|(number, statement)| reply::statement(*number, statement));
        Ok(Response::new(pb::ListStatementsResponse { statements: statements.collect(), next_page_token }))
    }

    async fn next_statements(
        &self,
        request: Request<pb::NextStatementsRequest>,
    ) -> Result<Response<pb::NextStatementsResponse>, Status> {
        let (_, request) = admit(request)?;
        let slip = parse::slip(&request.conversation_id, &request.code)?;
        let voice = self.voice(&self.slip(&slip).await?).await?;
        let id = slip.0.to_string();
        let mut connection = self.writer.pool().acquire().await.map_err(Failure::from)?;
        let shown = store::accepted(&mut connection, &id).await.map_err(Failure::from)?;
        drop(connection);
        let priorities = self.maps.priorities(&id).await?;
        let statements = next(&shown, &priorities, &voice).into_iter().map(reply::accepted).collect();
        Ok(Response::new(pb::NextStatementsResponse { statements }))
    }

    async fn judge_statement(
        &self,
        request: Request<pb::JudgeStatementRequest>,
    ) -> Result<Response<pb::JudgeStatementResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (slip, judged) = parse::judge(&request)?;
        let slip = self.slip(&slip).await?;
        joint::judge(&self.writer, &admission, &slip, judged).await?;
        let judgement = reply::judgement(judged.1) as i32;
        Ok(Response::new(pb::JudgeStatementResponse { judgement }))
    }

    async fn get_my_judgements(
        &self,
        request: Request<pb::GetMyJudgementsRequest>,
    ) -> Result<Response<pb::GetMyJudgementsResponse>, Status> {
        let (_, request) = admit(request)?;
        let asked = parse::slip(&request.conversation_id, &request.code)?;
        let (id, slip) = (asked.0, self.slip(&asked).await?);
        let (conversation, _) = find(&self.writer, &id).await?;
        let voice = self.voice(&slip).await?;
        let mut connection = self.writer.pool().acquire().await.map_err(Failure::from)?;
        let shown = store::accepted(&mut connection, &id.to_string()).await.map_err(Failure::from)?;
        Ok(Response::new(reply::mine(&conversation, &voice, &shown)))
    }

    async fn close_conversation(
        &self,
        request: Request<pb::CloseConversationRequest>,
    ) -> Result<Response<pb::CloseConversationResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, reason) = parse::close(&request)?;
        let done = joint::close(&self.writer, &admission, &id, reason.as_deref()).await?;
        Ok(Response::new(pb::CloseConversationResponse { conversation: shown(&done) }))
    }

    async fn get_conversation(
        &self,
        request: Request<pb::GetConversationRequest>,
    ) -> Result<Response<pb::GetConversationResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.conversation_id)?;
        let (conversation, version) = find(&self.writer, &id).await?;
        admission.require(&Scope::area(conversation.plan.area.clone()), None)?;
        let conversation = Some(reply::conversation(&id.to_string(), &conversation, version));
        Ok(Response::new(pb::GetConversationResponse { conversation }))
    }

    async fn get_conversation_notice(
        &self,
        request: Request<pb::GetConversationNoticeRequest>,
    ) -> Result<Response<pb::GetConversationNoticeResponse>, Status> {
        let (_, request) = admit(request)?;
        let id = parse::id(&request.conversation_id)?;
        let (conversation, _) = find(&self.writer, &id).await?;
        let notice = reply::notice(&conversation);
        Ok(Response::new(pb::GetConversationNoticeResponse { notice: Some(notice) }))
    }

    async fn list_conversations(
        &self,
        request: Request<pb::ListConversationsRequest>,
    ) -> Result<Response<pb::ListConversationsResponse>, Status> {
        let (admission, request) = admit(request)?;
        let (id, page) = parse::list(&request)?;
        let (topic, _) = topic::find(&self.writer, &id).await?;
        admission.require(&Scope::area(community(&topic.area)), None)?;
        let mut found = store::list(self.writer.pool(), &id, &page).await.map_err(Failure::from)?;
        let next_page_token = page.cut(&mut found, |(id, shown, _)| newest_key(shown.opened_at, id));
        let conversations = found.iter().map(|(id, shown, version)| reply::conversation(id, shown, *version));
        let conversations = conversations.collect();
        Ok(Response::new(pb::ListConversationsResponse { conversations, next_page_token }))
    }

    async fn get_opinion_map(
        &self,
        request: Request<pb::GetOpinionMapRequest>,
    ) -> Result<Response<pb::GetOpinionMapResponse>, Status> {
        let (admission, request) = admit(request)?;
        let id = parse::id(&request.conversation_id)?;
        let conversation = self.look(&admission, &id).await?;
        let map = told::map(self.writer.pool(), &self.maps, (&id.to_string(), &conversation)).await?;
        Ok(Response::new(pb::GetOpinionMapResponse { map: Some(map) }))
    }

    async fn export_conversation(
        &self,
        request: Request<pb::ExportConversationRequest>,
    ) -> Result<Response<Pieces>, Status> {
        let (_, request) = admit(request)?;
        let record = self.record(&parse::id(&request.conversation_id)?).await?;
        let answers = pieces(record).map(|piece| Ok(pb::ExportConversationResponse { piece }));
        Ok(Response::new(Box::pin(futures::stream::iter(answers))))
    }
}

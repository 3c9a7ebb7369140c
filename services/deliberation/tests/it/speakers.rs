//! Those who open, moderate and take part in conversations, as tests lead them.

use anyhow::{Context, Result};
use futures::StreamExt;
use gongzhi_proto::Fact;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::conversation_service_client::ConversationServiceClient;
use gongzhi_proto::envelope::Envelope;
use sqlx::Row;
use tonic::Status;

use crate::town::{Town, conversations};

pub fn asked(town: &Town, topic_id: &str, slips: i32) -> pb::OpenConversationRequest {
    pb::OpenConversationRequest {
        topic_id: topic_id.into(),
        question: "马路菜场怎样办才公平?".into(),
        slips,
        closes_at: town.in_days(14),
    }
}

/// A conversation whose slips were printed.
pub async fn opened(town: &Town, slips: i32) -> Result<(String, Vec<String>)> {
    let topic = town.proposes("马路菜场").await?;
    let open = asked(town, &topic, slips);
    let opened = conversations(&town.secretary).open_conversation(open).await?.into_inner();
    let id = opened.conversation.context("no conversation")?.conversation_id;
    let print = pb::PrintConversationSlipsRequest { conversation_id: id.clone() };
    let codes = conversations(&town.secretary).print_conversation_slips(print).await?.into_inner().codes;
    Ok((id, codes))
}

/// Makes a statement of the organisers.
pub async fn seeds(town: &Town, id: &str, text: &str) -> Result<i32> {
    let seed = pb::SeedStatementRequest { conversation_id: id.into(), text: text.into() };
    let seeded = conversations(&town.worker).seed_statement(seed).await?.into_inner().statement;
    Ok(seeded.context("no statement")?.number)
}

/// Who speaks has no token.
pub fn anybody(town: &Town) -> ConversationServiceClient<tonic::transport::Channel> {
    ConversationServiceClient::new(town.bench.channel())
}

pub async fn submits(town: &Town, id: &str, code: &str, text: &str) -> Result<pb::Statement, Status> {
    let request =
        pb::SubmitStatementRequest { conversation_id: id.into(), code: code.into(), text: text.into() };
    Ok(anybody(town).submit_statement(request).await?.into_inner().statement.unwrap_or_default())
}

pub async fn judges(
    town: &Town,
    id: &str,
    code: &str,
    (number, said): (i32, pb::Judgement),
) -> Result<(), Status> {
    let request = pb::JudgeStatementRequest {
        conversation_id: id.into(),
        code: code.into(),
        number,
        judgement: said as i32,
    };
    anybody(town).judge_statement(request).await.map(drop)
}

pub async fn next(town: &Town, id: &str, code: &str) -> Result<Vec<pb::Statement>, Status> {
    let request = pb::NextStatementsRequest { conversation_id: id.into(), code: code.into() };
    Ok(anybody(town).next_statements(request).await?.into_inner().statements)
}

pub async fn moderates(
    town: &Town,
    id: &str,
    number: i32,
    why: Option<pb::RejectionReason>,
) -> Result<pb::Statement, Status> {
    let verdict = why.map_or(pb::ModerationVerdict::Accept, |_| pb::ModerationVerdict::Reject);
    let request = pb::ModerateStatementRequest {
        conversation_id: id.into(),
        number,
        verdict: verdict as i32,
        rejection_reason: why.unwrap_or_default() as i32,
    };
    let moderated = conversations(&town.worker).moderate_statement(request).await?.into_inner();
    Ok(moderated.statement.unwrap_or_default())
}

pub async fn map(town: &Town, id: &str) -> Result<pb::OpinionMap> {
    let request = pb::GetOpinionMapRequest { conversation_id: id.into() };
    conversations(&town.worker).get_opinion_map(request).await?.into_inner().map.context("no map")
}

pub async fn closes(town: &Town, id: &str, reason: &str) -> Result<pb::Conversation, Status> {
    let request = pb::CloseConversationRequest { conversation_id: id.into(), reason: reason.into() };
    let closed = conversations(&town.secretary).close_conversation(request).await?.into_inner();
    Ok(closed.conversation.unwrap_or_default())
}

/// The public record, read without a token.
pub async fn record(town: &Town, id: &str) -> Result<String, Status> {
    let request = pb::ExportConversationRequest { conversation_id: id.into() };
    let mut pieces = anybody(town).export_conversation(request).await?.into_inner();
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.next().await {
        bytes.extend(piece?.piece);
    }
    String::from_utf8(bytes).map_err(|error| Status::internal(error.to_string()))
}

/// The fact of a closing.
pub async fn told(town: &Town) -> Result<pb::ConversationClosed> {
    let rows = sqlx::query("select body from outbox order by seq").fetch_all(&town.schema().await?).await?;
    for row in rows {
        let fact = Envelope::from_bytes(&row.get::<Vec<u8>, _>(0))?.fact()?;
        if let Some(Fact::ConversationClosed(fact)) = fact {
            return Ok(fact);
        }
    }
    anyhow::bail!("no closing was told")
}

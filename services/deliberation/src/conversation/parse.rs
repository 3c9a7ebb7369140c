//! Requests about conversations → what is asked for, with every field error at once.

use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::ids::{ConversationId, TopicId};
use gongzhi_proto::time::from_wire;
use jiff::{SignedDuration, Timestamp};

use super::statement::{self, Rejection};
use super::voice::Judgement;
use crate::public_text::public_text;
use crate::rules::{Policy, Rules};
use crate::slips;

/// Conversations or statements on a page for which no size is asked, and most of them.
const PAGE: (i64, i64) = (50, 200);
/// Slips: with fewer nothing could be told, and of more no map is drawn.
const SLIPS: std::ops::RangeInclusive<i32> = 10..=20_000;
/// Characters of a statement: one thought.
const STATEMENT: (usize, usize) = (5, 200);

/// A conversation that is asked for; where it is follows from its topic.
pub(super) struct Asked {
    pub(super) topic: TopicId,
    pub(super) question: String,
    pub(super) slips: u32,
    pub(super) closes_at: Timestamp,
}

pub(super) fn open(
    request: &pb::OpenConversationRequest,
    rules: &Rules,
    now: Timestamp,
) -> Result<Asked, Failure> {
    let mut violations = Violations::new();
    let topic = violations.id("topic_id", &request.topic_id, TopicId::parse);
    let question = public_text(&mut violations, "question", &request.question, (5, 500));
    if !SLIPS.contains(&request.slips) {
        violations.add("slips", format!("must be {} to {}", SLIPS.start(), SLIPS.end()));
    }
    let closes_at = from_wire(request.closes_at.as_ref());
    let most = rules.at(Policy::LongestConversationDays, now);
    match closes_at {
        None => violations.add("closes_at", "is required"),
        Some(closes_at) if closes_at <= now => violations.add("closes_at", "must lie in the future"),
        Some(closes_at)
            if closes_at.duration_since(now) > SignedDuration::from_hours(24 * i64::from(most)) =>
        {
            violations.add("closes_at", format!("must lie within {most} days"));
        }
        Some(_) => {}
    }
    let (topic, closes_at) = violations.open(topic.zip(closes_at))?;
    Ok(Asked { topic, question, slips: request.slips.unsigned_abs(), closes_at })
}

fn conversation(violations: &mut Violations, given: &str) -> Option<ConversationId> {
    violations.id("conversation_id", given, ConversationId::parse)
}

fn number(violations: &mut Violations, given: i32) -> Option<u32> {
    let number = u32::try_from(given).ok().filter(|number| *number > 0);
    if number.is_none() {
        violations.add("number", "must be 1 or more");
    }
    number
}

pub(super) fn id(given: &str) -> Result<ConversationId, Failure> {
    let mut violations = Violations::new();
    let id = conversation(&mut violations, given);
    violations.open(id)
}

/// A conversation and the code of a slip.
pub(super) fn slip(id: &str, code: &str) -> Result<(ConversationId, String), Failure> {
    let mut violations = Violations::new();
    let id = conversation(&mut violations, id);
    let code = slips::typed(&mut violations, "code", code);
    violations.open(id.zip(code))
}

/// The same with a statement.
pub(super) fn submit(
    request: &pb::SubmitStatementRequest,
) -> Result<((ConversationId, String), String), Failure> {
    let mut violations = Violations::new();
    let id = conversation(&mut violations, &request.conversation_id);
    let code = slips::typed(&mut violations, "code", &request.code);
    let text = public_text(&mut violations, "text", &request.text, STATEMENT);
    Ok((violations.open(id.zip(code))?, text))
}

pub(super) fn seed(request: &pb::SeedStatementRequest) -> Result<(ConversationId, String), Failure> {
    let mut violations = Violations::new();
    let id = conversation(&mut violations, &request.conversation_id);
    let text = public_text(&mut violations, "text", &request.text, STATEMENT);
    Ok((violations.open(id)?, text))
}

/// A conversation and the code of a slip, with what is said of which statement.
type Judged = ((ConversationId, String), (u32, Judgement));

pub(super) fn judge(request: &pb::JudgeStatementRequest) -> Result<Judged, Failure> {
    let mut violations = Violations::new();
    let id = conversation(&mut violations, &request.conversation_id);
    let code = slips::typed(&mut violations, "code", &request.code);
    let number = number(&mut violations, request.number);
    let judgement =
        violations.choice::<pb::Judgement>("judgement", request.judgement).and_then(|given| match given {
            pb::Judgement::Unspecified => None,
            pb::Judgement::Agree => Some(Judgement::Agree),
            pb::Judgement::Pass => Some(Judgement::Pass),
            pb::Judgement::Disagree => Some(Judgement::Disagree),
        });
    violations.open(id.zip(code).zip(number.zip(judgement)))
}

fn rejection(violations: &mut Violations, given: i32) -> Option<Rejection> {
    violations.choice::<pb::RejectionReason>("rejection_reason", given).and_then(|why| match why {
        pb::RejectionReason::Unspecified => None,
        pb::RejectionReason::NamesAPerson => Some(Rejection::NamesAPerson),
        pb::RejectionReason::Abuse => Some(Rejection::Abuse),
        pb::RejectionReason::OffTopic => Some(Rejection::OffTopic),
        pb::RejectionReason::Duplicate => Some(Rejection::Duplicate),
        pb::RejectionReason::SeveralInOne => Some(Rejection::SeveralInOne),
        pb::RejectionReason::Advertising => Some(Rejection::Advertising),
    })
}

/// A statement and what moderators say of it.
type Moderated = ((ConversationId, u32), statement::Command);

pub(super) fn moderate(request: &pb::ModerateStatementRequest) -> Result<Moderated, Failure> {
    let mut violations = Violations::new();
    let id = conversation(&mut violations, &request.conversation_id);
    let number = number(&mut violations, request.number);
    let command = match violations.choice::<pb::ModerationVerdict>("verdict", request.verdict) {
        Some(pb::ModerationVerdict::Accept) => {
            if request.rejection_reason != pb::RejectionReason::Unspecified as i32 {
                violations.add("rejection_reason", "must be absent for what is accepted");
            }
            Some(statement::Command::Accept)
        }
        Some(pb::ModerationVerdict::Reject) => {
            rejection(&mut violations, request.rejection_reason).map(statement::Command::Reject)
        }
        Some(pb::ModerationVerdict::Unspecified) | None => None,
    };
    violations.open(id.zip(number).zip(command))
}

pub(super) fn close(
    request: &pb::CloseConversationRequest,
) -> Result<(ConversationId, Option<String>), Failure> {
    let mut violations = Violations::new();
    let id = conversation(&mut violations, &request.conversation_id);
    let reason = match request.reason.as_str() {
        "" => None,
        reason => Some(public_text(&mut violations, "reason", reason, (5, 200))),
    };
    Ok((violations.open(id)?, reason))
}

pub(super) fn list(request: &pb::ListConversationsRequest) -> Result<(TopicId, Page), Failure> {
    let mut violations = Violations::new();
    let topic = violations.id("topic_id", &request.topic_id, TopicId::parse);
    let page = Page::parse(&mut violations, request.page_size, &request.page_token, PAGE.0, PAGE.1);
    Ok((violations.open(topic)?, page))
}

pub(super) fn statements(
    request: &pb::ListStatementsRequest,
) -> Result<(ConversationId, Option<&'static str>, Page), Failure> {
    let mut violations = Violations::new();
    let id = conversation(&mut violations, &request.conversation_id);
    let status = match pb::StatementStatus::try_from(request.status) {
        Ok(pb::StatementStatus::Unspecified) => None,
        Ok(pb::StatementStatus::Waiting) => Some("waiting"),
        Ok(pb::StatementStatus::Accepted) => Some("accepted"),
        Ok(pb::StatementStatus::Rejected) => Some("rejected"),
        Err(_) => {
            violations.add("status", format!("has no value {}", request.status));
            None
        }
    };
    let page = Page::parse(&mut violations, request.page_size, &request.page_token, PAGE.0, PAGE.1);
    Ok((violations.open(id)?, status, page))
}

//! Conversations and their maps as the contracts have them.

use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;

use super::map::{Drawn, OfStatement, Screen, Side};
use super::state::{Conversation, FEWEST_TOLD};
use super::statement::{Rejection, Statement, Status};
use super::store::Accepted;
use super::voice::{Judgement, Voice};

pub(super) fn number(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

pub(super) fn conversation(id: &str, conversation: &Conversation, version: i64) -> pb::Conversation {
    let plan = &conversation.plan;
    let closing = conversation.closing.as_ref();
    pb::Conversation {
        conversation_id: id.to_owned(),
        topic_id: plan.topic.to_string(),
        area_code: plan.area.to_string(),
        question: plan.question.clone(),
        slips: number(plan.slips),
        slips_printed_at: conversation.slips_printed_at.map(to_wire),
        opened_at: Some(to_wire(conversation.opened_at)),
        closes_at: Some(to_wire(plan.closes_at)),
        closed_at: closing.map(|closing| to_wire(closing.at)),
        close_reason: closing.and_then(|closing| closing.reason.clone()).unwrap_or_default(),
        version,
    }
}

/// What everybody may know of a conversation.
pub(super) fn notice(conversation: &Conversation) -> pb::ConversationNotice {
    pb::ConversationNotice {
        question: conversation.plan.question.clone(),
        closes_at: Some(to_wire(conversation.plan.closes_at)),
        closed_at: conversation.closing.as_ref().map(|closing| to_wire(closing.at)),
    }
}

fn rejection(why: Rejection) -> pb::RejectionReason {
    match why {
        Rejection::NamesAPerson => pb::RejectionReason::NamesAPerson,
        Rejection::Abuse => pb::RejectionReason::Abuse,
        Rejection::OffTopic => pb::RejectionReason::OffTopic,
        Rejection::Duplicate => pb::RejectionReason::Duplicate,
        Rejection::SeveralInOne => pb::RejectionReason::SeveralInOne,
        Rejection::Advertising => pb::RejectionReason::Advertising,
    }
}

pub(super) fn statement(nth: u32, statement: &Statement) -> pb::Statement {
    let (status, why) = match statement.status {
        Status::Waiting => (pb::StatementStatus::Waiting, pb::RejectionReason::Unspecified),
        Status::Accepted => (pb::StatementStatus::Accepted, pb::RejectionReason::Unspecified),
        Status::Rejected(why) => (pb::StatementStatus::Rejected, rejection(why)),
    };
    pb::Statement {
        number: number(nth),
        text: statement.text.clone(),
        seed: statement.seed,
        status: status as i32,
        rejection_reason: why as i32,
    }
}

pub(super) fn accepted(statement: &Accepted) -> pb::Statement {
    pb::Statement {
        number: number(statement.number),
        text: statement.text.clone(),
        seed: statement.seed,
        status: pb::StatementStatus::Accepted as i32,
        rejection_reason: pb::RejectionReason::Unspecified as i32,
    }
}

pub(super) fn judgement(judgement: Judgement) -> pb::Judgement {
    match judgement {
        Judgement::Agree => pb::Judgement::Agree,
        Judgement::Pass => pb::Judgement::Pass,
        Judgement::Disagree => pb::Judgement::Disagree,
    }
}

pub(super) fn mine(
    conversation: &Conversation,
    voice: &Voice,
    shown: &[Accepted],
) -> pb::GetMyJudgementsResponse {
    let said = |(nth, said): (&u32, &Judgement)| pb::MyJudgement {
        number: number(*nth),
        judgement: judgement(*said) as i32,
        statement: shown.iter().find(|statement| statement.number == *nth).map(accepted),
    };
    pb::GetMyJudgementsResponse {
        judgements: voice.judgements.iter().map(said).collect(),
        statements_made: number(voice.made),
        statements_left: number(conversation.plan.statements_per_slip.saturating_sub(voice.made)),
    }
}

/// True when enough people have judged a statement.
fn is_told(of: &OfStatement) -> bool {
    of.n_total >= number(FEWEST_TOLD)
}

/// A statement of which nothing is told but its words.
pub(super) fn untold(statement: &Accepted) -> pb::MapStatement {
    pb::MapStatement {
        number: number(statement.number),
        text: statement.text.clone(),
        seed: statement.seed,
        ..pb::MapStatement::default()
    }
}

fn map_statement(drawn: &Drawn, statement: &Accepted) -> pb::MapStatement {
    let shown = untold(statement);
    let screen = drawn.screen.as_ref();
    let of = screen.and_then(|screen| screen.statement.get(&statement.number)).filter(|of| is_told(of));
    let (Some(screen), Some(of)) = (screen, of) else { return shown };
    // Where a group is small, shares of all groups would tell what the few in it said.
    let groups_are_told = screen.groups_withheld.is_none();
    pb::MapStatement {
        count: Some(pb::MapCount { agree: of.n_agree, disagree: of.n_disagree, all: of.n_total }),
        point: Some(pb::MapPoint { x: of.x, y: of.y }),
        consensus_agree: groups_are_told.then_some(of.gac_agree),
        consensus_disagree: groups_are_told.then_some(of.gac_disagree),
        bridging: drawn.bridging.get(&statement.number).copied(),
        ..shown
    }
}

fn consensus(screen: &Screen) -> Vec<pb::MapSide> {
    let told = |tid: &u32| screen.statement.get(tid).is_some_and(is_told);
    let agree = screen.consensus.agree.iter().map(|listed| (listed.tid, true));
    let disagree = screen.consensus.disagree.iter().map(|listed| (listed.tid, false));
    let sides = agree.chain(disagree).filter(|(tid, _)| told(tid));
    sides.map(|(tid, agree)| pb::MapSide { number: number(tid), agree }).collect()
}

fn groups(screen: &Screen) -> Vec<pb::MapGroup> {
    let told = |tid: &u32| screen.statement.get(tid).is_some_and(is_told);
    let groups = (0..).zip(screen.cluster_sizes.iter().zip(&screen.cluster_centers));
    let group = |(nth, (people, (x, y))): (u32, (&i32, &(f64, f64)))| {
        let listed = screen.repness.get(&nth).into_iter().flatten().filter(|listed| told(&listed.tid));
        let side = listed
            .map(|listed| pb::MapSide { number: number(listed.tid), agree: listed.side == Side::Agree });
        pb::MapGroup {
            people: *people,
            centre: Some(pb::MapPoint { x: *x, y: *y }),
            representative: side.collect(),
        }
    };
    groups.map(group).collect()
}

/// A map as a screen may tell it.
pub(super) fn map(id: &str, drawn: &Drawn) -> pb::OpinionMap {
    let enough = drawn.participants >= FEWEST_TOLD as usize;
    let counted = |count: usize| if enough { number(count) } else { 0 };
    let screen = drawn.screen.as_ref().filter(|_| enough);
    let withheld = match screen {
        None => Some("nothing is told of fewer than ten people".to_owned()),
        Some(screen) => screen.groups_withheld.clone(),
    };
    pb::OpinionMap {
        conversation_id: id.to_owned(),
        participants: counted(drawn.participants),
        judgements: counted(drawn.judgements),
        statements: drawn.statements.iter().map(|statement| map_statement(drawn, statement)).collect(),
        consensus: screen.map(consensus).unwrap_or_default(),
        groups: screen.map(groups).unwrap_or_default(),
        groups_withheld: withheld.unwrap_or_default(),
        silhouette: screen.and_then(|screen| screen.silhouette),
        stability: drawn.stability,
    }
}

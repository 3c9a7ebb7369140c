//! Sample cases for tests: how to come to every state, and one sample of every command.

use std::sync::LazyLock;

use gongzhi_proto::ids::{AreaCode, CategoryCode, GridId, WhistleId};
use jiff::{SignedDuration, Timestamp};

use super::state::{Case, ConsultationOutcome, Location, Place, Rating, Registration, Urgency, Verification};
use super::{Command, CommandKind, Event, Refusal, decide, evolve};
use crate::rules::Rules;

pub(super) static RULES: LazyLock<Rules> = LazyLock::new(Rules::official);

/// An instant in China.
pub(super) fn china(text: &str) -> Timestamp {
    format!("{text}+08:00").parse().unwrap()
}

/// A Monday morning at nine.
pub(super) fn monday() -> Timestamp {
    china("2026-11-23T09:00:00")
}

pub(super) fn report(area: &str, urgency: Urgency) -> Command {
    Command::Register(Registration {
        case_number: "330105-20261123-0042".to_owned(),
        category: CategoryCode::parse("fire.lane.obstructed").unwrap(),
        urgency,
        title: "消防通道被占".to_owned(),
        description: "三幢前的消防通道停满了车".to_owned(),
        place: Place {
            area: AreaCode::parse(area).unwrap(),
            grid: Some(GridId::parse("330105001052-03").unwrap()),
            location: Some(Location { longitude: 120.15, latitude: 30.28 }),
            spot: "三幢前".to_owned(),
        },
        goal: None,
    })
}

pub(super) const ESTATE: &str = "330105001052001";
pub(super) const COMMUNITY: &str = "330105001052";

pub(super) fn conclude(outcome: ConsultationOutcome) -> Command {
    Command::ConcludeConsultation { outcome, minutes: "会议纪要".to_owned() }
}

pub(super) fn climb() -> Command {
    Command::Climb { reason: "超出社区能力".to_owned() }
}

pub(super) fn settle() -> Command {
    Command::Settle { summary: "已清理".to_owned() }
}

pub(super) fn verify(result: Verification) -> Command {
    Command::Verify { result, finding: "现场查看".to_owned() }
}

pub(super) fn rate(round: u32, reporter: u32, rating: Rating) -> Command {
    Command::RecordRating { round, reporter, rating }
}

pub(super) fn whistle() -> Command {
    Command::Whistle { whistle_id: WhistleId::parse("01890a5d-ac96-774b-bcce-b302099a8057").unwrap() }
}

pub(super) fn request_suspension() -> Command {
    Command::RequestSuspension { reason: "等待鉴定".to_owned() }
}

pub(super) fn erase(reporter: u32) -> Command {
    Command::EraseContact { reporter, reason: "本人要求".to_owned() }
}

/// A case on its way through its life.
#[derive(Clone, Debug, Default)]
pub(super) struct Story {
    pub(super) case: Option<Case>,
    pub(super) events: Vec<(Timestamp, Event)>,
}

impl Story {
    /// Follows a command, and writes down what happened.
    pub(super) fn follow(&mut self, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
        let events = decide(self.case.as_ref(), at, command, &RULES)?;
        for event in &events {
            self.case = Some(evolve(self.case.take(), at, event));
            self.events.push((at, event.clone()));
        }
        Ok(events)
    }

    /// Follows commands that come at one instant and must not be refused.
    pub(super) fn then(mut self, at: Timestamp, commands: &[Command]) -> Self {
        for command in commands {
            self.follow(at, command).unwrap_or_else(|refusal| panic!("{command:?} was refused: {refusal}"));
        }
        self
    }
}

/// Every state that the by-laws tell apart, with the commands that lead to it; all at one instant.
pub(super) fn states() -> Vec<(&'static str, Vec<Command>)> {
    use ConsultationOutcome::{BeyondEstate, WithinEstate};
    let at = monday();
    let estate = || vec![report(ESTATE, Urgency::Normal), Command::Accept];
    let sub_district = || {
        let mut way = estate();
        way.extend([Command::ConveneConsultation, conclude(BeyondEstate), climb()]);
        way
    };
    let and = |mut way: Vec<Command>, more: Vec<Command>| {
        way.extend(more);
        way
    };
    let settled = || and(estate(), vec![settle()]);
    let followed_up = || and(settled(), vec![verify(Verification::Confirmed)]);
    let until = at + SignedDuration::from_hours(48);
    vec![
        ("absent", vec![]),
        ("registered", vec![report(ESTATE, Urgency::Normal)]),
        ("handling, community, in an estate", estate()),
        ("handling, community, urgent, in an estate", vec![report(ESTATE, Urgency::Urgent), Command::Accept]),
        ("handling, community, in no estate", vec![report(COMMUNITY, Urgency::Normal), Command::Accept]),
        ("consulting", and(estate(), vec![Command::ConveneConsultation])),
        (
            "handling, community, found within the estate",
            and(estate(), vec![Command::ConveneConsultation, conclude(WithinEstate)]),
        ),
        (
            "handling, community, found beyond the estate",
            and(estate(), vec![Command::ConveneConsultation, conclude(BeyondEstate)]),
        ),
        ("handling, sub-district", sub_district()),
        ("whistled", and(sub_district(), vec![whistle()])),
        ("handling, district", and(sub_district(), vec![climb()])),
        ("handling, suspension asked for", and(sub_district(), vec![request_suspension()])),
        (
            "handling, suspended",
            and(sub_district(), vec![request_suspension(), Command::ApproveSuspension { until }]),
        ),
        ("settled", settled()),
        ("following up", followed_up()),
        ("reopened", and(followed_up(), vec![rate(1, 1, Rating::NotSatisfied)])),
        ("closed", and(followed_up(), vec![rate(1, 1, Rating::Satisfied)])),
        ("closed, contact data erased", and(followed_up(), vec![erase(1), rate(1, 1, Rating::Satisfied)])),
        ("void", vec![report(ESTATE, Urgency::Normal), Command::Void { reason: "重复".to_owned() }]),
    ]
}

/// One sample of every command, as it would come at an instant.
pub(super) fn sample(kind: CommandKind, at: Timestamp) -> Command {
    match kind {
        CommandKind::Register => report(ESTATE, Urgency::Normal),
        CommandKind::JoinReporter => Command::JoinReporter,
        CommandKind::Accept => Command::Accept,
        CommandKind::ConveneConsultation => Command::ConveneConsultation,
        CommandKind::ConcludeConsultation => conclude(ConsultationOutcome::BeyondEstate),
        CommandKind::Climb => climb(),
        CommandKind::Whistle => whistle(),
        CommandKind::WhistleAccepted => Command::WhistleAccepted { summary: "联合处置完成".to_owned() },
        CommandKind::WhistleWithdrawn => Command::WhistleWithdrawn,
        CommandKind::Settle => settle(),
        CommandKind::Verify => verify(Verification::Confirmed),
        CommandKind::RecordRating => rate(1, 1, Rating::NotSatisfied),
        CommandKind::Void => Command::Void { reason: "重复".to_owned() },
        CommandKind::RequestSuspension => request_suspension(),
        CommandKind::ApproveSuspension => {
            Command::ApproveSuspension { until: at + SignedDuration::from_hours(24) }
        }
        CommandKind::RefuseSuspension => Command::RefuseSuspension { reason: "理由不足".to_owned() },
        CommandKind::EraseContact => erase(1),
        CommandKind::Tick => Command::Tick,
    }
}

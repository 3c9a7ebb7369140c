//! The row of a case, moved by the facts about it. Pure: rows are read before and written after. A fact about a case whose registration was not seen
//! makes a row that is known as far as told and counts in no figure.

use std::borrow::Cow;

use gongzhi_chassis::status::Failure;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::instants;

/// How a reporter judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// 满意
    Satisfied,
    /// 基本满意
    FairlySatisfied,
    /// 不满意
    NotSatisfied,
    /// 未能联系
    NotReached,
}

impl Judgement {
    /// Reads the word of the contract.
    pub(crate) fn parse(word: &str) -> Result<Self, Failure> {
        let all = [Self::Satisfied, Self::FairlySatisfied, Self::NotSatisfied, Self::NotReached];
        all.into_iter()
            .find(|judgement| judgement.as_str() == word)
            .ok_or_else(|| Failure::Bug(format!("{word:?} is not a rating")))
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::FairlySatisfied => "fairly_satisfied",
            Self::NotSatisfied => "not_satisfied",
            Self::NotReached => "not_reached",
        }
    }
}

type Word = Cow<'static, str>;

/// A row of `cases`; its fields are the columns.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CaseRow {
    pub(crate) case_id: Uuid,
    area_code: String,
    category_code: String,
    phase: Word,
    rung: Word,
    round: i32,
    registered_at: Option<Timestamp>,
    day: Option<Date>,
    accept_due_at: Option<Timestamp>,
    accepted_at: Option<Timestamp>,
    accepted_late: Option<bool>,
    accept_overdue: bool,
    answer_due_at: Option<Timestamp>,
    settled_at: Option<Timestamp>,
    settled_late: Option<bool>,
    verified_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    voided_at: Option<Timestamp>,
    overdue: bool,
    reporter_count: i32,
    sent_back: i32,
    reopened: i32,
    reminded: i32,
    whistle_id: Option<Uuid>,
    suspension_asked: bool,
    suspended_until: Option<Timestamp>,
    rated: i32,
    satisfied: i32,
    not_reached: i32,
}

impl CaseRow {
    /// The row of a case that was never seen.
    pub(crate) fn unseen(case_id: Uuid, area_code: String) -> Self {
        Self {
            case_id,
            area_code,
            category_code: String::new(),
            phase: "registered".into(),
            rung: "community".into(),
            round: 1,
            registered_at: None,
            day: None,
            accept_due_at: None,
            accepted_at: None,
            accepted_late: None,
            accept_overdue: false,
            answer_due_at: None,
            settled_at: None,
            settled_late: None,
            verified_at: None,
            closed_at: None,
            voided_at: None,
            overdue: false,
            reporter_count: 1,
            sent_back: 0,
            reopened: 0,
            reminded: 0,
            whistle_id: None,
            suspension_asked: false,
            suspended_until: None,
            rated: 0,
            satisfied: 0,
            not_reached: 0,
        }
    }

    /// Registers the case. What was told of it before, because its registration was parked, stays.
    pub(crate) fn registered(
        &mut self,
        at: Timestamp,
        area_code: String,
        category: String,
        accept_due_at: Option<Timestamp>,
    ) {
        self.area_code = area_code;
        self.category_code = category;
        self.registered_at = Some(at);
        self.day = Some(instants::day(at));
        self.accept_due_at = accept_due_at;
    }

    /// A further resident reported it.
    pub(crate) fn joined(&mut self, reporter_count: i32) {
        self.reporter_count = reporter_count;
    }

    /// Accepted; the answer clock runs instead of the first one.
    pub(crate) fn accepted(&mut self, at: Timestamp, answer_due_at: Option<Timestamp>, late: bool) {
        self.phase = "handling".into();
        self.accepted_at = Some(at);
        self.accepted_late = Some(late);
        self.answer_due_at = answer_due_at;
        self.overdue = false;
    }

    /// The three parties sit together, or have risen.
    pub(crate) fn consulting(&mut self, sits: bool) {
        self.phase = if sits { "consulting" } else { "handling" }.into();
    }

    /// Stands on another rung.
    pub(crate) fn climbed(&mut self, rung: &'static str) {
        self.rung = rung.into();
    }

    /// The handling side was reminded.
    pub(crate) fn reminded(&mut self) {
        self.reminded += 1;
    }

    /// The clock for accepting ran out.
    pub(crate) fn accept_overdue(&mut self) {
        self.accept_overdue = true;
        self.overdue = self.overdue || self.phase == "registered";
    }

    /// The clock for answering ran out.
    pub(crate) fn answer_overdue(&mut self) {
        self.overdue = self.overdue || ["handling", "consulting", "whistled"].contains(&self.phase.as_ref());
    }

    /// Declared done.
    pub(crate) fn settled(&mut self, at: Timestamp, round: i32, late: bool, rung: &'static str) {
        self.phase = "settled".into();
        self.settled_at = Some(at);
        self.settled_late = Some(late);
        self.round = round;
        self.rung = rung.into();
        self.overdue = false;
    }

    /// Was not done after all, by the verification.
    pub(crate) fn sent_back(&mut self, round: i32, answer_due_at: Option<Timestamp>) {
        self.handled_again(round, answer_due_at);
        self.sent_back += 1;
    }

    /// Was not done after all, by a reporter's judgement.
    pub(crate) fn reopened(&mut self, round: i32, answer_due_at: Option<Timestamp>) {
        self.handled_again(round, answer_due_at);
        self.verified_at = None;
        self.reopened += 1;
    }

    fn handled_again(&mut self, round: i32, answer_due_at: Option<Timestamp>) {
        self.phase = "handling".into();
        self.settled_at = None;
        self.settled_late = None;
        self.overdue = false;
        self.round = round;
        self.answer_due_at = answer_due_at;
    }

    /// Confirmed on the spot; reporters are visited.
    pub(crate) fn verified(&mut self, at: Timestamp, reporter_count: i32) {
        self.phase = "following_up".into();
        self.verified_at = Some(at);
        self.reporter_count = reporter_count;
    }

    /// Judged by reporters; these are all judgements of it.
    pub(crate) fn judged<'r>(&mut self, ratings: impl Iterator<Item = &'r Rating>) {
        (self.rated, self.satisfied, self.not_reached) = (0, 0, 0);
        for rating in ratings {
            match rating.rating.as_ref() {
                "not_reached" => self.not_reached += 1,
                "satisfied" | "fairly_satisfied" => {
                    (self.rated, self.satisfied) = (self.rated + 1, self.satisfied + 1)
                }
                _ => self.rated += 1,
            }
        }
    }

    /// Closed after the last visit.
    pub(crate) fn closed(&mut self, at: Timestamp) {
        self.phase = "closed".into();
        self.closed_at = Some(at);
    }

    /// Should never have been a case.
    pub(crate) fn voided(&mut self, at: Timestamp) {
        self.phase = "void".into();
        self.voided_at = Some(at);
        self.overdue = false;
    }

    /// A suspension is asked for, or was refused.
    pub(crate) fn suspension_asked(&mut self, asked: bool) {
        self.suspension_asked = asked;
    }

    /// The clocks stand still.
    pub(crate) fn suspended(&mut self, until_at: Option<Timestamp>) {
        self.suspension_asked = false;
        self.suspended_until = until_at;
    }

    /// The clocks run again. A case is overdue no longer when the suspension gave it a limit that has not come.
    pub(crate) fn resumed(&mut self, at: Timestamp, answer_due_at: Option<Timestamp>) {
        self.suspended_until = None;
        self.answer_due_at = answer_due_at.or(self.answer_due_at);
        self.overdue = self.overdue && answer_due_at.is_none_or(|due| due <= at);
    }

    /// A whistle is open on it. Told once per called department; the repeats change nothing.
    pub(crate) fn whistled(&mut self, whistle: Uuid) {
        self.phase = "whistled".into();
        self.whistle_id = Some(whistle);
    }

    /// The whistle on it is no longer open: accepted or withdrawn.
    pub(crate) fn whistle_ended(&mut self, whistle: Uuid) {
        if self.whistle_id == Some(whistle) {
            self.whistle_id = None;
            if self.phase == "whistled" {
                self.phase = "handling".into();
            }
        }
    }
}

/// A row of `ratings`: one judgement of a reporter. A second one of the same reporter in the same round replaces the first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Rating {
    pub(crate) case_id: Uuid,
    pub(crate) round: i32,
    pub(crate) reporter: i32,
    rating: Word,
    rated_at: Timestamp,
}

impl Rating {
    /// A judgement.
    pub(crate) fn new(
        case_id: Uuid,
        round: i32,
        reporter: i32,
        judgement: Judgement,
        rated_at: Timestamp,
    ) -> Self {
        Self { case_id, round, reporter, rating: judgement.as_str().into(), rated_at }
    }
}

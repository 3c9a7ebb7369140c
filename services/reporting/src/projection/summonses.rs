//! The row of one called department under a whistle. Pure, as that of a case.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// By when a called department must have done what.
pub(crate) struct Limits {
    /// 签收
    pub(crate) sign_for: Option<Timestamp>,
    /// 联系
    pub(crate) contact: Option<Timestamp>,
    /// 报到
    pub(crate) report_in: Option<Timestamp>,
    /// 完成
    pub(crate) finish: Option<Timestamp>,
}

/// A row of `summonses`; its fields are the columns.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SummonsRow {
    pub(crate) whistle_id: Uuid,
    pub(crate) department_code: String,
    case_id: Uuid,
    sounded_at: Option<Timestamp>,
    sign_for_due_at: Option<Timestamp>,
    contact_due_at: Option<Timestamp>,
    report_in_due_at: Option<Timestamp>,
    finish_due_at: Option<Timestamp>,
    signed_for_at: Option<Timestamp>,
    signed_for_late: Option<bool>,
    contacted_at: Option<Timestamp>,
    contacted_late: Option<bool>,
    reported_in_at: Option<Timestamp>,
    reported_in_late: Option<bool>,
    finished_at: Option<Timestamp>,
    finished_late: Option<bool>,
    sign_for_overdue: bool,
    contact_overdue: bool,
    report_in_overdue: bool,
    finish_overdue: bool,
    supervised: bool,
    reminded: i32,
    reworks: i32,
    tasks: i32,
    evidence: i32,
    refused: bool,
    excused_at: Option<Timestamp>,
    accepted_at: Option<Timestamp>,
    withdrawn_at: Option<Timestamp>,
}

impl SummonsRow {
    /// The row of a summons whose sounding was never seen.
    pub(crate) fn unseen(whistle_id: Uuid, department_code: String, case_id: Uuid) -> Self {
        Self {
            whistle_id,
            department_code,
            case_id,
            sounded_at: None,
            sign_for_due_at: None,
            contact_due_at: None,
            report_in_due_at: None,
            finish_due_at: None,
            signed_for_at: None,
            signed_for_late: None,
            contacted_at: None,
            contacted_late: None,
            reported_in_at: None,
            reported_in_late: None,
            finished_at: None,
            finished_late: None,
            sign_for_overdue: false,
            contact_overdue: false,
            report_in_overdue: false,
            finish_overdue: false,
            supervised: false,
            reminded: 0,
            reworks: 0,
            tasks: 0,
            evidence: 0,
            refused: false,
            excused_at: None,
            accepted_at: None,
            withdrawn_at: None,
        }
    }

    /// Called, with four clocks.
    pub(crate) fn called(&mut self, at: Timestamp, limits: &Limits) {
        self.sounded_at = Some(at);
        self.sign_for_due_at = limits.sign_for;
        self.contact_due_at = limits.contact;
        self.report_in_due_at = limits.report_in;
        self.finish_due_at = limits.finish;
    }

    /// 签收
    pub(crate) fn signed_for(&mut self, at: Timestamp, late: bool) {
        (self.signed_for_at, self.signed_for_late) = (Some(at), Some(late));
    }

    /// 联系
    pub(crate) fn contacted(&mut self, at: Timestamp, late: bool) {
        (self.contacted_at, self.contacted_late) = (Some(at), Some(late));
    }

    /// 报到
    pub(crate) fn reported_in(&mut self, at: Timestamp, late: bool) {
        (self.reported_in_at, self.reported_in_late) = (Some(at), Some(late));
    }

    /// Done with its part.
    pub(crate) fn finished(&mut self, at: Timestamp, late: bool) {
        (self.finished_at, self.finished_late) = (Some(at), Some(late));
    }

    /// 催办
    pub(crate) fn reminded(&mut self) {
        self.reminded += 1;
    }

    /// 督办, because the limit of `clock` came; another clock than those of a department only supervises.
    pub(crate) fn supervised(&mut self, clock: Option<Clock>) {
        self.supervised = true;
        match clock {
            Some(Clock::SignFor) => self.sign_for_overdue = true,
            Some(Clock::Contact) => self.contact_overdue = true,
            Some(Clock::ReportIn) => self.report_in_overdue = true,
            Some(Clock::Finish) => self.finish_overdue = true,
            None => {}
        }
    }

    /// Holds that it is not the one to come, or was told that it is.
    pub(crate) fn refused(&mut self, waits: bool) {
        self.refused = waits;
    }

    /// Need not come.
    pub(crate) fn excused(&mut self, at: Timestamp) {
        self.refused = false;
        self.excused_at = Some(at);
    }

    /// Took a task.
    pub(crate) fn task_agreed(&mut self) {
        self.tasks += 1;
    }

    /// Handed in evidence.
    pub(crate) fn evidence(&mut self) {
        self.evidence += 1;
    }

    /// 返工: its part is open again and its last clock starts anew.
    pub(crate) fn rework(&mut self, finish_due_at: Option<Timestamp>) {
        self.finished_at = None;
        self.finished_late = None;
        self.finish_overdue = false;
        self.reworks += 1;
        self.finish_due_at = finish_due_at;
    }

    /// The whistle was withdrawn for it.
    pub(crate) fn withdrawn(&mut self, at: Timestamp) {
        self.withdrawn_at = Some(at);
    }

    /// The joint result of its whistle was accepted.
    pub(crate) fn accepted(&mut self, at: Timestamp) {
        self.accepted_at = Some(at);
    }
}

/// A clock of a called department.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// 签收
    SignFor,
    /// 联系
    Contact,
    /// 报到
    ReportIn,
    /// 完成
    Finish,
}

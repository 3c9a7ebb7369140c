//! What may be asked of a meeting, and what can happen to it.

use std::collections::BTreeSet;

use gongzhi_proto::ids::TopicId;
use serde::{Deserialize, Serialize};

use super::floor::Side;
use super::state::{Call, Count, Poll};

/// A vote on closing a debate while others wait to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// Who moves it.
    pub mover: u32,
    /// Who seconds it.
    pub seconder: u32,
    /// What was counted.
    pub count: Count,
}

/// An appeal against a ruling, with its vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appeal {
    /// Number of the ruling, counted from 1.
    pub ruling: u32,
    /// Who appeals.
    pub mover: u32,
    /// Who seconds it.
    pub seconder: u32,
    /// What was counted; an aye is for overturning.
    pub count: Count,
}

/// What may be asked of a meeting. Seats are numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Fields are named as those of the events.
pub enum Command {
    /// 召集; `foreign` is a topic that does not stand on the agenda of this community.
    Convene { call: Box<Call>, foreign: Option<TopicId> },
    /// 开会
    Open { present: BTreeSet<u32> },
    /// 到场
    Arrive { seat: u32 },
    /// 离场
    Leave { seat: u32 },
    /// 动议; `decided_today` in another meeting.
    Move { seat: u32, topic: TopicId, text: String, decided_today: bool },
    /// 附议
    Second { seat: u32 },
    /// 开始辩论
    OpenDebate,
    /// 举手
    RaiseHand { seat: u32, side: Side },
    /// 放下
    LowerHand { seat: u32 },
    /// 准予发言
    Recognise { seat: u32 },
    /// 发言结束; none: as long as the clock says.
    EndSpeech { seconds: Option<u32> },
    /// 修正动议
    MoveAmendment { seat: u32, text: String },
    /// 修正附议
    SecondAmendment { seat: u32 },
    /// 修正表决
    VoteAmendment { count: Count },
    /// 停止辩论; by a vote while others wait to speak.
    CloseDebate { closure: Option<Closure> },
    /// 表决
    Vote(Poll),
    /// 失效: drops what nobody seconds, or what cannot be voted on.
    Lapse,
    /// 裁定
    Rule { text: String },
    /// 申诉
    Appeal(Appeal),
    /// 散会
    Close,
    /// What happens by itself: a turn ends at its limit.
    Tick,
}

/// What can happen to a meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was convened.
    Convened(Box<Call>),
    /// It was opened.
    Opened {
        /// Seats that are taken.
        present: BTreeSet<u32>,
    },
    /// A seat was taken.
    Arrived {
        /// Which.
        seat: u32,
    },
    /// A seat was left.
    Left {
        /// Which.
        seat: u32,
    },
    /// A motion was moved.
    Moved {
        /// By whom.
        seat: u32,
        /// On which topic.
        topic: TopicId,
        /// Its words.
        text: String,
    },
    /// The motion was seconded.
    Seconded {
        /// By whom.
        seat: u32,
    },
    /// Its debate was opened.
    DebateOpened,
    /// A hand went up.
    HandRaised {
        /// Whose.
        seat: u32,
        /// For which side.
        side: Side,
    },
    /// A hand was taken down.
    HandLowered {
        /// Whose.
        seat: u32,
    },
    /// A seat has the floor.
    Recognised {
        /// Which.
        seat: u32,
    },
    /// It has spoken.
    SpeechEnded {
        /// Which.
        seat: u32,
        /// For how long, as it counts.
        seconds: u32,
        /// For how long by the clock: who enters less is seen to have done so.
        clock: u32,
    },
    /// An amendment was moved.
    AmendmentMoved {
        /// By whom.
        seat: u32,
        /// The whole motion as it would be.
        text: String,
    },
    /// The amendment was seconded.
    AmendmentSeconded {
        /// By whom.
        seat: u32,
    },
    /// The amendment was decided.
    AmendmentDecided {
        /// What was counted.
        count: Count,
    },
    /// The amendment was dropped, because nobody seconds it.
    AmendmentLapsed,
    /// It was voted whether to close the debate.
    ClosureDecided {
        /// How.
        closure: Closure,
        /// Whether enough agreed.
        carried: bool,
    },
    /// The debate was closed.
    DebateClosed,
    /// The motion was decided.
    Decided(Poll),
    /// The motion was dropped undecided.
    Lapsed,
    /// The chair ruled.
    Ruled {
        /// Word for word.
        text: String,
    },
    /// An appeal was decided.
    AppealDecided(Appeal),
    /// It was closed.
    Closed,
}

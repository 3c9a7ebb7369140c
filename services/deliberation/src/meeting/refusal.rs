//! How the by-laws of a meeting say no.

use gongzhi_proto::ids::TopicId;

use super::state::MOST;

/// How the law says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // Each says itself.
pub enum Refusal {
    #[error("this meeting was convened already")]
    AlreadyConvened,
    #[error("there is no such meeting")]
    Absent,
    #[error("topic {0} is not on this published agenda of this community")]
    NotOnAgenda(TopicId),
    #[error("the meeting is not open yet")]
    NotOpen,
    #[error("the meeting is open already")]
    AlreadyOpen,
    #[error("the meeting is closed")]
    Closed,
    #[error("there is no seat {0}")]
    NoSuchSeat(u32),
    #[error("seat {0} is not taken")]
    SeatEmpty(u32),
    #[error("only {present} of {seats} seats are taken, which is no quorum")]
    NoQuorum { present: u32, seats: u32 },
    #[error("the meeting was not called to this topic")]
    OtherTopic,
    #[error("a motion is before the meeting; decide it first")]
    MotionBefore,
    #[error("no motion is before the meeting")]
    NoMotion,
    #[error("this motion was decided and does not come back on the same day or in the same meeting")]
    DecidedBefore,
    #[error("whoever moves does not second; another seat must")]
    OwnMotion,
    #[error("it was seconded already")]
    AlreadySeconded,
    #[error("it is not seconded; without a second there is no debate and no vote")]
    NotSeconded,
    #[error("the debate is open already")]
    DebateOpen,
    #[error("the debate is not open")]
    DebateNotOpen,
    #[error("the debate is not closed; a vote comes after full debate")]
    DebateNotClosed,
    #[error("seat {0} has its hand up, or speaks")]
    HandIsUp(u32),
    #[error("seat {0} has no hand up")]
    NoHand(u32),
    #[error("seat {0} has used its turns on this motion")]
    TurnsUsed(u32),
    #[error("nobody waits to speak")]
    NobodyWaits,
    #[error("seat {0} is next by the rules")]
    NotNext(u32),
    #[error("seat {0} has the floor and is not interrupted")]
    FloorTaken(u32),
    #[error("nobody has the floor")]
    NobodySpeaks,
    #[error("a turn cannot be longer than its limit or than the clock says: {0} seconds")]
    LongerThanClock(u32),
    #[error("an amendment is before the meeting; decide it first")]
    AmendmentBefore,
    #[error("no amendment is before the meeting")]
    NoAmendment,
    #[error("others wait to speak; a debate is closed over them only by a vote of two thirds")]
    HandsUp,
    #[error("{votes} votes are more than the {present} seats that are taken")]
    TooManyVotes { votes: u32, present: u32 },
    #[error("only what nobody seconds, or what cannot be voted on without a quorum, is dropped")]
    NothingLapses,
    #[error("a meeting has at most {MOST} motions and {MOST} rulings")]
    TooMany,
    #[error("there is no ruling {0}")]
    NoSuchRuling(u32),
    #[error("an appeal against ruling {0} was decided already")]
    AlreadyAppealed(u32),
}

impl Refusal {
    /// The word for it on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            Self::AlreadyConvened => "ALREADY_CONVENED",
            Self::Absent => "ABSENT",
            Self::NotOnAgenda(_) => "NOT_ON_AGENDA",
            Self::NotOpen => "NOT_OPEN",
            Self::AlreadyOpen => "ALREADY_OPEN",
            Self::Closed => "MEETING_CLOSED",
            Self::NoSuchSeat(_) => "NO_SUCH_SEAT",
            Self::SeatEmpty(_) => "SEAT_EMPTY",
            Self::NoQuorum { .. } => "NO_QUORUM",
            Self::OtherTopic => "OTHER_TOPIC",
            Self::MotionBefore => "MOTION_BEFORE",
            Self::NoMotion => "NO_MOTION",
            Self::DecidedBefore => "DECIDED_BEFORE",
            Self::OwnMotion => "OWN_MOTION",
            Self::AlreadySeconded => "ALREADY_SECONDED",
            Self::NotSeconded => "NOT_SECONDED",
            Self::DebateOpen => "DEBATE_OPEN",
            Self::DebateNotOpen => "DEBATE_NOT_OPEN",
            Self::DebateNotClosed => "DEBATE_NOT_CLOSED",
            Self::HandIsUp(_) => "HAND_IS_UP",
            Self::NoHand(_) => "NO_HAND",
            Self::TurnsUsed(_) => "TURNS_USED",
            Self::NobodyWaits => "NOBODY_WAITS",
            Self::NotNext(_) => "NOT_NEXT",
            Self::FloorTaken(_) => "FLOOR_TAKEN",
            Self::NobodySpeaks => "NOBODY_SPEAKS",
            Self::LongerThanClock(_) => "LONGER_THAN_CLOCK",
            Self::AmendmentBefore => "AMENDMENT_BEFORE",
            Self::NoAmendment => "NO_AMENDMENT",
            Self::HandsUp => "HANDS_UP",
            Self::TooManyVotes { .. } => "TOO_MANY_VOTES",
            Self::NothingLapses => "NOTHING_LAPSES",
            Self::TooMany => "TOO_MANY",
            Self::NoSuchRuling(_) => "NO_SUCH_RULING",
            Self::AlreadyAppealed(_) => "ALREADY_APPEALED",
        }
    }
}

//! The law of a ballot: pure, total, no ids of its own.
//!
//! ```text
//! prepared ──enter electors──▶ prepared ──publish──▶ published ──print slips──▶ published ──close──▶ closed ──sign──▶ closed
//! ```
//! A topic whose agenda was not published, or not long enough, cannot be voted on; the roll is fixed before anybody votes; a vote without quorum decides nothing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::{Ballot, Closing, Elector, FEWEST_SECRET, MOST_ELECTORS, Plan, Secrecy};
use super::threshold::Body;

/// What may be asked of a ballot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 准备
    Prepare(Box<Plan>),
    /// 录入名册
    EnterElectors {
        /// Number of the first of them.
        first: u32,
        /// Who.
        electors: Vec<Elector>,
    },
    /// 公示
    Publish {
        /// From when the topic may be voted on; none when it is on no published agenda.
        votable_from: Option<Timestamp>,
    },
    /// 制票
    PrintSlips,
    /// 计票
    Close {
        /// Votes that stand.
        votes: u32,
        /// Paper votes that one person alone has entered.
        half_entered: u32,
        /// What was counted, and the record of it.
        closing: Box<Closing>,
    },
    /// 签字
    Sign {
        /// Who.
        signer: String,
        /// The digest that was seen.
        record_sha256: String,
    },
}

/// What can happen to a ballot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was prepared.
    Prepared(Box<Plan>),
    /// Electors were entered.
    ElectorsEntered {
        /// Number of the first of them.
        first: u32,
        /// Who.
        electors: Vec<Elector>,
    },
    /// It was published.
    Published,
    /// Its slips were given out to be printed.
    SlipsPrinted,
    /// It was counted.
    Closed(Box<Closing>),
    /// Somebody signed the record.
    Signed {
        /// Who.
        signer: String,
    },
}

/// How the law says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is one of this identity.
    #[error("this ballot was prepared already")]
    AlreadyPrepared,
    /// There is none.
    #[error("there is no such ballot")]
    Absent,
    /// The roll is fixed.
    #[error("the ballot is published; its roll stays as it is")]
    Published,
    /// It is not published.
    #[error("the ballot is not published yet")]
    NotPublished,
    /// A batch is missing, or comes again.
    #[error("the roll has {0} electors; the next number is {next}", next = .0 + 1)]
    NotTheNextNumber(u32),
    /// Too many.
    #[error("a ballot has at most {MOST_ELECTORS} electors")]
    TooManyElectors,
    /// The builder twice.
    #[error("one elector stands for all units that are not sold; there is one already")]
    UnsoldTwice,
    /// Areas where they matter, and nowhere else.
    #[error("where areas count every elector has one, and nowhere else")]
    AreaMismatch,
    /// Nobody on the roll.
    #[error("the roll is empty")]
    EmptyRoll,
    /// The count would tell.
    #[error(
        "a secret ballot has at least {FEWEST_SECRET} electors; of fewer the count would tell who voted how"
    )]
    TooFewForSecret,
    /// What is not on an agenda cannot be voted on.
    #[error("the topic is on no published agenda; what was not published cannot be voted on")]
    TopicNotPublished,
    /// Its notice is too short.
    #[error("the ballot opens before the notice of the topic's agenda has run out; let it open later")]
    NoticeTooShort,
    /// Its time has begun before it was published.
    #[error("the ballot would have opened already; prepare it anew with a later time")]
    OpensInThePast,
    /// Twice.
    #[error("the slips were printed already; they are printed once, so that nobody holds a second one")]
    SlipsAlreadyPrinted,
    /// Nobody could vote.
    #[error("no slips were printed, so nobody could have voted")]
    NoSlips,
    /// Too early.
    #[error("the ballot is open until its end unless every elector has voted")]
    StillOpen,
    /// Papers wait.
    #[error("{0} paper votes were entered by one person only; a second one enters them first")]
    HalfEntered(u32),
    /// It is counted.
    #[error("the ballot is closed; nothing changes its count")]
    Closed,
    /// Nothing to sign.
    #[error("there is no record yet; the ballot is not closed")]
    NotClosed,
    /// Another record.
    #[error("this is not the digest of the record; read it and compute it again")]
    DigestDiffers,
}

impl Refusal {
    /// The word for it on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::AlreadyPrepared => "ALREADY_PREPARED",
            Self::Absent => "ABSENT",
            Self::Published => "PUBLISHED",
            Self::NotPublished => "NOT_PUBLISHED",
            Self::NotTheNextNumber(_) => "NOT_THE_NEXT_NUMBER",
            Self::TooManyElectors => "TOO_MANY_ELECTORS",
            Self::UnsoldTwice => "UNSOLD_TWICE",
            Self::AreaMismatch => "AREA_MISMATCH",
            Self::EmptyRoll => "EMPTY_ROLL",
            Self::TooFewForSecret => "TOO_FEW_FOR_SECRET",
            Self::TopicNotPublished => "TOPIC_NOT_PUBLISHED",
            Self::NoticeTooShort => "NOTICE_TOO_SHORT",
            Self::OpensInThePast => "OPENS_IN_THE_PAST",
            Self::SlipsAlreadyPrinted => "SLIPS_ALREADY_PRINTED",
            Self::NoSlips => "NO_SLIPS",
            Self::StillOpen => "STILL_OPEN",
            Self::HalfEntered(_) => "HALF_ENTERED",
            Self::Closed => "BALLOT_CLOSED",
            Self::NotClosed => "NOT_CLOSED",
            Self::DigestDiffers => "DIGEST_DIFFERS",
        }
    }
}

/// What follows from a command.
pub fn decide(ballot: Option<&Ballot>, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
    let ballot = match (ballot, command) {
        (None, Command::Prepare(plan)) => return Ok(vec![Event::Prepared(plan.clone())]),
        (Some(_), Command::Prepare(_)) => return Err(Refusal::AlreadyPrepared),
        (None, _) => return Err(Refusal::Absent),
        (Some(ballot), _) => ballot,
    };
    match (&ballot.closing, ballot.published_at) {
        (None, None) => prepared(ballot, at, command),
        (None, Some(_)) => published(ballot, at, command),
        (Some(closing), _) => closed(ballot, closing, command),
    }
}

fn prepared(ballot: &Ballot, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::EnterElectors { first, electors } => {
            if *first != ballot.electors + 1 {
                return Err(Refusal::NotTheNextNumber(ballot.electors));
            }
            if ballot.electors as usize + electors.len() > MOST_ELECTORS as usize {
                return Err(Refusal::TooManyElectors);
            }
            let unsold = electors.iter().filter(|elector| elector.unsold).count();
            if unsold + usize::from(ballot.unsold_entered) > 1 {
                return Err(Refusal::UnsoldTwice);
            }
            let areas = ballot.plan.threshold.by_area;
            if electors.iter().any(|elector| (elector.area > 0) != areas || (elector.unsold && !areas)) {
                return Err(Refusal::AreaMismatch);
            }
            Ok(vec![Event::ElectorsEntered { first: *first, electors: electors.clone() }])
        }
        Command::Publish { votable_from } => match votable_from {
            _ if ballot.electors == 0 => Err(Refusal::EmptyRoll),
            _ if ballot.plan.secrecy == Secrecy::Secret && ballot.electors < FEWEST_SECRET => {
                Err(Refusal::TooFewForSecret)
            }
            None => Err(Refusal::TopicNotPublished),
            Some(votable_from) if ballot.plan.opens_at < *votable_from => Err(Refusal::NoticeTooShort),
            Some(_) if ballot.plan.opens_at < at => Err(Refusal::OpensInThePast),
            Some(_) => Ok(vec![Event::Published]),
        },
        Command::Prepare(_) => Err(Refusal::AlreadyPrepared),
        Command::PrintSlips | Command::Close { .. } => Err(Refusal::NotPublished),
        Command::Sign { .. } => Err(Refusal::NotClosed),
    }
}

fn published(ballot: &Ballot, at: Timestamp, command: &Command) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::EnterElectors { .. } | Command::Publish { .. } => Err(Refusal::Published),
        Command::PrintSlips if ballot.slips_printed_at.is_some() => Err(Refusal::SlipsAlreadyPrinted),
        Command::PrintSlips => Ok(vec![Event::SlipsPrinted]),
        Command::Close { .. } if ballot.slips_printed_at.is_none() => Err(Refusal::NoSlips),
        Command::Close { votes, .. } if at < ballot.plan.closes_at && *votes < ballot.electors => {
            Err(Refusal::StillOpen)
        }
        Command::Close { half_entered, .. } if *half_entered > 0 => Err(Refusal::HalfEntered(*half_entered)),
        Command::Close { closing, .. } => Ok(vec![Event::Closed(closing.clone())]),
        Command::Sign { .. } => Err(Refusal::NotClosed),
        Command::Prepare(_) => Err(Refusal::AlreadyPrepared),
    }
}

fn closed(ballot: &Ballot, closing: &Closing, command: &Command) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::Prepare(_) => Err(Refusal::AlreadyPrepared),
        Command::EnterElectors { .. }
        | Command::Publish { .. }
        | Command::PrintSlips
        | Command::Close { .. } => Err(Refusal::Closed),
        Command::Sign { record_sha256, .. } if *record_sha256 != closing.record_sha256 => {
            Err(Refusal::DigestDiffers)
        }
        Command::Sign { signer, .. } if ballot.signatures.iter().any(|(known, _)| known == signer) => {
            Ok(Vec::new())
        }
        Command::Sign { signer, .. } => Ok(vec![Event::Signed { signer: signer.clone() }]),
    }
}

/// What a ballot is after an event.
///
/// # Panics
/// When the event cannot follow: a history that says so is damaged, or the program is wrong.
pub fn evolve(ballot: Option<Ballot>, at: Timestamp, event: &Event) -> Ballot {
    match (ballot, event) {
        (None, Event::Prepared(plan)) => Ballot {
            plan: plan.as_ref().clone(),
            prepared_at: at,
            electors: 0,
            unsold_entered: false,
            published_at: None,
            slips_printed_at: None,
            closing: None,
            signatures: Vec::new(),
        },
        (Some(ballot), Event::ElectorsEntered { electors, .. }) => Ballot {
            electors: ballot.electors + u32::try_from(electors.len()).unwrap_or(MOST_ELECTORS),
            unsold_entered: ballot.unsold_entered || electors.iter().any(|elector| elector.unsold),
            ..ballot
        },
        (Some(ballot), Event::Published) => Ballot { published_at: Some(at), ..ballot },
        (Some(ballot), Event::SlipsPrinted) => Ballot { slips_printed_at: Some(at), ..ballot },
        (Some(ballot), Event::Closed(closing)) => {
            Ballot { closing: Some(closing.as_ref().clone()), ..ballot }
        }
        (Some(mut ballot), Event::Signed { signer }) => {
            ballot.signatures.push((signer.clone(), at));
            ballot
        }
        (ballot, event) => panic!("{event:?} cannot follow {ballot:?}"),
    }
}

/// True for bodies that vote openly, because their areas would tell.
pub(super) fn votes_openly(body: Body) -> bool {
    match body {
        Body::Owners => true,
        Body::Residents
        | Body::Villagers
        | Body::VillagersRepresentatives
        | Body::ResidentsRepresentatives => false,
    }
}

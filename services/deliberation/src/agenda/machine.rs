//! The law of an agenda: pure, total, no clock, no ids of its own. The system's order is drawn up once and stays visible; a lot is drawn once; who changes the order
//! gives a reason.
//!
//! ```text
//! draft ──draw lot, reorder──▶ draft ──publish──▶ published
//! ```

use std::collections::BTreeSet;

use gongzhi_choice::agenda;
use gongzhi_proto::ids::{AreaCode, TopicId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// By which rule a topic has its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// 安全或法定时限优先
    Gate,
    /// 按住户支持比例
    Support,
    /// 抽签
    Lot,
}

/// A place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The topic; none for one that is not drawn yet.
    pub topic: Option<TopicId>,
    /// By which rule.
    pub rule: Rule,
    /// Households that want it.
    pub households: u32,
    /// Of these, those who had nothing on the agenda before it.
    pub without: u32,
    /// Buildings in which they live.
    pub buildings: u32,
    /// Day by which it must be decided.
    pub due_on: Option<Date>,
}

/// How an agenda begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The community.
    pub area: AreaCode,
    /// What the session is called.
    pub title: String,
    /// When it meets.
    pub meets_at: Timestamp,
    /// Where the number of the lot comes from.
    pub lot_source: String,
    /// The system's order.
    pub places: Vec<Place>,
    /// Topics among which the lot decides, in the order in which the number counts them.
    pub candidates: Vec<TopicId>,
}

/// An agenda (议程).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agenda {
    /// How it began; drawn lots are filled in.
    pub draft: Draft,
    /// When it was drawn up.
    pub drawn_up_at: Timestamp,
    /// The number that was drawn, as digits.
    pub lot_number: Option<String>,
    /// Another order than the system's, and why.
    pub reordering: Option<Reordering>,
    /// How it was published.
    pub publication: Option<Publication>,
}

/// Another order than the system's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reordering {
    /// The topics in it.
    pub order: Vec<TopicId>,
    /// Why.
    pub reason: String,
}

/// How an agenda was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// When.
    pub at: Timestamp,
    /// From when its topics may be voted on.
    pub votable_from: Timestamp,
}

impl Agenda {
    /// Topics in the order of the session.
    pub fn order(&self) -> Vec<TopicId> {
        match &self.reordering {
            Some(reordering) => reordering.order.clone(),
            None => self.draft.places.iter().filter_map(|place| place.topic).collect(),
        }
    }

    /// True while places wait for a lot.
    pub fn waits_for_lot(&self) -> bool {
        self.draft.places.iter().any(|place| place.topic.is_none())
    }
}

/// What may be asked of an agenda.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// 拟定
    DrawUp(Box<Draft>),
    /// 抽签
    DrawLot {
        /// The number, as digits.
        number: String,
    },
    /// 调整顺序
    Reorder(Reordering),
    /// 公示
    Publish {
        /// From when its topics may be voted on.
        votable_from: Timestamp,
    },
}

/// What can happen to an agenda.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It was drawn up.
    DrawnUp(Box<Draft>),
    /// Its lots were drawn.
    LotDrawn {
        /// The number, as digits.
        number: String,
        /// The topics that were drawn, in the order of the places.
        topics: Vec<TopicId>,
    },
    /// It has another order.
    Reordered(Reordering),
    /// It was published.
    Published {
        /// From when its topics may be voted on.
        votable_from: Timestamp,
    },
}

/// How the law says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is one of this identity.
    #[error("this agenda was drawn up already")]
    AlreadyDrawnUp,
    /// There is none.
    #[error("there is no such agenda")]
    Absent,
    /// Nothing to put on it.
    #[error("no topic of this community waits for an agenda")]
    NoTopics,
    /// It is published.
    #[error("the agenda is published and stays as it is")]
    Published,
    /// No lot, or drawn before.
    #[error("no place of this agenda waits for a lot")]
    NoLot,
    /// Not a number.
    #[error("the drawn number must be 1 to 30 digits")]
    NotANumber,
    /// Lots first.
    #[error("places wait for their lot; draw it before the order is changed or published")]
    LotNotDrawn,
    /// Not the same topics.
    #[error("the new order must hold every topic of the agenda, each once")]
    OtherTopics,
}

impl Refusal {
    /// The word for it on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            Self::AlreadyDrawnUp => "ALREADY_DRAWN_UP",
            Self::Absent => "ABSENT",
            Self::NoTopics => "NO_TOPICS",
            Self::Published => "PUBLISHED",
            Self::NoLot => "NO_LOT",
            Self::NotANumber => "NOT_A_NUMBER",
            Self::LotNotDrawn => "LOT_NOT_DRAWN",
            Self::OtherTopics => "OTHER_TOPICS",
        }
    }
}

/// What follows from a command.
pub fn decide(agenda: Option<&Agenda>, command: &Command) -> Result<Vec<Event>, Refusal> {
    let agenda = match (agenda, command) {
        (None, Command::DrawUp(draft)) if draft.places.is_empty() => return Err(Refusal::NoTopics),
        (None, Command::DrawUp(draft)) => return Ok(vec![Event::DrawnUp(draft.clone())]),
        (Some(_), Command::DrawUp(_)) => return Err(Refusal::AlreadyDrawnUp),
        (None, _) => return Err(Refusal::Absent),
        (Some(agenda), _) => agenda,
    };
    if agenda.publication.is_some() {
        return Err(Refusal::Published);
    }
    match command {
        Command::DrawUp(_) => Err(Refusal::AlreadyDrawnUp),
        Command::DrawLot { .. } if !agenda.waits_for_lot() => Err(Refusal::NoLot),
        Command::DrawLot { number } => draw(agenda, number),
        Command::Reorder(_) | Command::Publish { .. } if agenda.waits_for_lot() => Err(Refusal::LotNotDrawn),
        Command::Reorder(reordering) => {
            let (new, old): (BTreeSet<_>, BTreeSet<_>) =
                (reordering.order.iter().copied().collect(), agenda.order().into_iter().collect());
            if new != old || reordering.order.len() != old.len() {
                return Err(Refusal::OtherTopics);
            }
            Ok(vec![Event::Reordered(reordering.clone())])
        }
        Command::Publish { votable_from } => Ok(vec![Event::Published { votable_from: *votable_from }]),
    }
}

fn draw(agenda: &Agenda, number: &str) -> Result<Vec<Event>, Refusal> {
    let lots = agenda.draft.places.iter().filter(|place| place.topic.is_none()).count();
    let candidates: Vec<usize> = (0..agenda.draft.candidates.len()).collect();
    if number.is_empty() || number.len() > 30 {
        return Err(Refusal::NotANumber);
    }
    let drawn = agenda::drawn(&candidates, lots, number).ok_or(Refusal::NotANumber)?;
    let topics = drawn.into_iter().map(|nth| agenda.draft.candidates[nth]).collect();
    Ok(vec![Event::LotDrawn { number: number.to_owned(), topics }])
}

/// What an agenda is after an event.
///
/// # Panics
/// When the event cannot follow: a history that says so is damaged, or the program is wrong.
pub fn evolve(agenda: Option<Agenda>, at: Timestamp, event: &Event) -> Agenda {
    match (agenda, event) {
        (None, Event::DrawnUp(draft)) => Agenda {
            draft: draft.as_ref().clone(),
            drawn_up_at: at,
            lot_number: None,
            reordering: None,
            publication: None,
        },
        (Some(mut agenda), Event::LotDrawn { number, topics }) => {
            let waiting = agenda.draft.places.iter_mut().filter(|place| place.topic.is_none());
            for (place, topic) in waiting.zip(topics) {
                place.topic = Some(*topic);
            }
            Agenda { lot_number: Some(number.clone()), ..agenda }
        }
        (Some(agenda), Event::Reordered(reordering)) => {
            Agenda { reordering: Some(reordering.clone()), ..agenda }
        }
        (Some(agenda), Event::Published { votable_from }) => {
            Agenda { publication: Some(Publication { at, votable_from: *votable_from }), ..agenda }
        }
        (agenda, event) => panic!("{event:?} cannot follow {agenda:?}"),
    }
}

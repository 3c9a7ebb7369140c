//! The minutes of a meeting: its own history, read and put into lines. Nothing is kept for them, so nothing in them can differ from what was entered.

use gongzhi_chassis::history::{self, Entry};
use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;
use sqlx::PgPool;

use super::event::Event;
use super::reply::{count, method, number, outcome, roll_call, shown_count, side};

/// A page of minutes, oldest first, and the token of the next page.
pub(super) async fn of_meeting(
    pool: &PgPool,
    id: &str,
    page: &Page,
) -> Result<(Vec<pb::MinuteLine>, String), Failure> {
    let mut entries = history::read(pool, &[("meeting", id)], page.after.as_deref(), page.limit()).await?;
    let next_page_token = page.cut(&mut entries, Entry::key);
    let lines = entries.iter().map(line).collect::<Result<_, _>>()?;
    Ok((lines, next_page_token))
}

fn line(entry: &Entry) -> Result<pb::MinuteLine, Failure> {
    let event: Event = serde_json::from_str(&entry.event).map_err(|error| {
        Failure::Bug(format!("version {} of meeting {} cannot be read: {error}", entry.version, entry.id))
    })?;
    Ok(pb::MinuteLine { at: Some(to_wire(entry.at)), version: entry.version, ..said(&event) })
}

/// What an event says in the minutes.
fn said(event: &Event) -> pb::MinuteLine {
    use pb::MinuteKind as Kind;
    let of = |kind: Kind, seat: u32| pb::MinuteLine {
        kind: kind as i32,
        seat: number(seat),
        ..pb::MinuteLine::default()
    };
    let plain = |kind: Kind| of(kind, 0);
    match event {
        Event::Convened(_) => plain(Kind::MeetingConvened),
        Event::Opened { present } => pb::MinuteLine {
            present_seats: present.iter().copied().map(number).collect(),
            ..plain(Kind::MeetingOpened)
        },
        Event::Arrived { seat } => of(Kind::SeatTaken, *seat),
        Event::Left { seat } => of(Kind::SeatLeft, *seat),
        Event::Moved { seat, topic, text } => {
            pb::MinuteLine { topic_id: topic.to_string(), text: text.clone(), ..of(Kind::MotionMoved, *seat) }
        }
        Event::Seconded { seat } => of(Kind::MotionSeconded, *seat),
        Event::DebateOpened => plain(Kind::DebateOpened),
        Event::HandRaised { seat, side: for_side } => {
            pb::MinuteLine { side: side(*for_side) as i32, ..of(Kind::HandRaised, *seat) }
        }
        Event::HandLowered { seat } => of(Kind::HandLowered, *seat),
        Event::Recognised { seat } => of(Kind::SeatRecognised, *seat),
        Event::SpeechEnded { seat, seconds, clock } => pb::MinuteLine {
            seconds: number(*seconds),
            clock_seconds: number(*clock),
            ..of(Kind::SpeechEnded, *seat)
        },
        Event::AmendmentMoved { seat, text } => {
            pb::MinuteLine { text: text.clone(), ..of(Kind::AmendmentMoved, *seat) }
        }
        Event::AmendmentSeconded { seat } => of(Kind::AmendmentSeconded, *seat),
        Event::AmendmentLapsed => plain(Kind::AmendmentLapsed),
        Event::DebateClosed => plain(Kind::DebateClosed),
        Event::Lapsed => plain(Kind::MotionLapsed),
        Event::Ruled { text } => pb::MinuteLine { text: text.clone(), ..plain(Kind::RulingMade) },
        Event::Closed => plain(Kind::MeetingClosed),
        Event::AmendmentDecided { .. }
        | Event::ClosureDecided { .. }
        | Event::Decided(_)
        | Event::AppealDecided(_) => voted(event),
    }
}

/// What a vote says in the minutes.
fn voted(event: &Event) -> pb::MinuteLine {
    use pb::MinuteKind as Kind;
    let line = |kind: Kind, carried: bool| pb::MinuteLine {
        kind: kind as i32,
        method: pb::MeetingVoteMethod::ShowOfHands as i32,
        outcome: outcome(carried) as i32,
        ..pb::MinuteLine::default()
    };
    match event {
        Event::AmendmentDecided { count: counted } => {
            pb::MinuteLine { count: Some(count(*counted)), ..line(Kind::AmendmentDecided, counted.carries()) }
        }
        Event::ClosureDecided { closure, carried } => pb::MinuteLine {
            seat: number(closure.mover),
            seconder_seat: number(closure.seconder),
            count: Some(count(closure.count)),
            ..line(Kind::ClosureDecided, *carried)
        },
        Event::Decided(poll) => pb::MinuteLine {
            method: method(poll) as i32,
            count: shown_count(poll),
            roll_call: roll_call(poll),
            ..line(Kind::MotionDecided, poll.count().carries())
        },
        Event::AppealDecided(appeal) => pb::MinuteLine {
            seat: number(appeal.mover),
            seconder_seat: number(appeal.seconder),
            number: number(appeal.ruling),
            count: Some(count(appeal.count)),
            ..line(Kind::AppealDecided, appeal.count.carries())
        },
        // Everything else is no vote.
        _ => pb::MinuteLine::default(),
    }
}

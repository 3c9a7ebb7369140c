//! What the bus is told of ballots: that one was published, and what was counted. Never a single vote.

use gongzhi_chassis::execute::Announcement;
use gongzhi_proto::Fact;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;

use super::machine::Event;
use super::reply;
use super::state::Ballot;

pub(super) fn announce(id: &str, ballot: &Ballot, event: &Event) -> Vec<Announcement> {
    let plan = &ballot.plan;
    let (ballot_id, topic_id) = (id.to_owned(), plan.topic.to_string());
    let fact: Fact = match event {
        Event::Published => pb::BallotPublished {
            ballot_id,
            topic_id,
            body: reply::body(plan.body) as i32,
            secrecy: reply::secrecy(plan.secrecy) as i32,
            opens_at: Some(to_wire(plan.opens_at)),
            closes_at: Some(to_wire(plan.closes_at)),
            electors: i32::try_from(ballot.electors).unwrap_or(i32::MAX),
        }
        .into(),
        Event::Closed(closing) => pb::BallotClosed {
            ballot_id,
            topic_id,
            outcome: reply::outcome(closing.outcome) as i32,
            count: Some(reply::count(&closing.count)),
            record_sha256: closing.record_sha256.clone(),
        }
        .into(),
        // What is prepared is nobody's business yet; who signed is on the record.
        Event::Prepared(_) | Event::ElectorsEntered { .. } | Event::SlipsPrinted | Event::Signed { .. } => {
            return Vec::new();
        }
    };
    vec![Announcement::to_all(&plan.area, fact)]
}

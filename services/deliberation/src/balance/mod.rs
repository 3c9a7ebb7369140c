//! The story of a balance: parties with different interests score the same options, each sealed until all have; then it is found with which option everybody gains
//! most, or whose bottom lines cannot be met together. They may do it again, knowing that, and agree at last on what they want together.
//!
//! No party has a weight: state and society count as equals by construction. Before the reveal a score stands nowhere in the clear, not in the history either.

mod announce;
pub mod machine;
mod parse;
mod reply;
pub(crate) mod rpc;
mod seal;
pub mod state;
mod store;

pub use machine::{Command, Event, Refusal};
pub use state::Balance;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows, Writer};
use gongzhi_chassis::status::{self, Failure};
use gongzhi_proto::ids::{BalanceId, TopicId};
use jiff::Timestamp;

use self::state::Phase;

/// Balances as the write path knows them.
pub(crate) struct BalanceKind;

impl Aggregate for BalanceKind {
    const KIND: &'static str = "balance";
    type State = Balance;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Balance>,
        _at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        machine::decide(state, command)
    }

    fn evolve(state: Option<Balance>, at: Timestamp, event: &Event) -> Balance {
        machine::evolve(state, at, event)
    }

    fn next_due(_state: &Balance) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &Balance) -> Scope {
        Scope::area(state.plan.area.clone())
    }

    fn announce(id: &str, state: &Balance, event: &Event) -> Vec<Announcement> {
        announce::announce(id, state, event)
    }

    fn index(id: &str, state: &Balance) -> Vec<Rows> {
        vec![store::index(id, state)]
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}

/// Loads a balance, or says that there is none.
pub(crate) async fn find(writer: &Writer, id: &BalanceId) -> Result<(Balance, i64), Failure> {
    let found = writer.load::<BalanceKind>(&id.to_string()).await?;
    found.ok_or_else(|| Failure::NotFound(format!("balance {id}")))
}

/// The topic of a balance on which all parties agreed; none before that. What a resolution may rest on.
pub async fn agreed(writer: &Writer, id: &BalanceId) -> Result<Option<TopicId>, Failure> {
    let (balance, _) = find(writer, id).await?;
    Ok(matches!(balance.phase, Phase::Agreed { .. }).then_some(balance.plan.topic))
}

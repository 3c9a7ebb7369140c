//! The story of a grid: somebody draws it into a community, from a boundary in whatever system the maps there use; people on duty are enrolled in it
//! and relieved; from then on every place within the boundary lies in this grid. It is never deleted: a place that was answered once stays answered,
//! and a boundary that was wrong is drawn anew.
//!
//! A place is located by everybody who may read grids anywhere, because before it is located nobody can say in whose area it lies. The answer then
//! shows the grid only; its roster is shown to those who may read the grids of that community.

mod announce;
mod machine;
mod places;
mod rpc;
mod store;
mod wire;

pub use machine::{Command, Drawing, Event, Grid, MAX_ROSTER, Origin, Refusal, Role, decide, evolve};
pub(crate) use rpc::Grids;
pub use wire::MAX_BOUNDARY_BYTES;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows};
use gongzhi_chassis::status;
use jiff::Timestamp;

/// Grids as the write path knows them.
pub(crate) struct GridKind;

impl Aggregate for GridKind {
    const KIND: &'static str = "grid";
    type State = Grid;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Grid>,
        _at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        decide(state, command)
    }

    fn evolve(state: Option<Grid>, at: Timestamp, event: &Event) -> Grid {
        evolve(state, at, event)
    }

    fn next_due(_state: &Grid) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &Grid) -> Scope {
        Scope::area(state.community())
    }

    fn announce(_id: &str, state: &Grid, event: &Event) -> Vec<Announcement> {
        announce::announce(state, event)
    }

    fn index(_id: &str, state: &Grid) -> Vec<Rows> {
        vec![store::index(state)]
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}

//! The story of a department (机关部门): the platform operator registers it under a code that addresses facts from then on. Registering it again
//! changes nothing; another department cannot take its code. Everybody on duty in the district may know the departments.

mod announce;
mod machine;
mod rpc;
mod store;
mod wire;

pub use machine::{Command, Department, Event, Refusal, decide, evolve};
pub(crate) use rpc::Departments;

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows};
use gongzhi_chassis::status;
use gongzhi_proto::ids::DepartmentCode;
use jiff::Timestamp;
use sqlx::PgConnection;

/// True when a department is registered.
pub(crate) async fn is_registered(
    connection: &mut PgConnection,
    code: &DepartmentCode,
) -> Result<bool, sqlx::Error> {
    store::is_registered(connection, code).await
}

/// Departments as the write path knows them.
pub(crate) struct DepartmentKind;

impl Aggregate for DepartmentKind {
    const KIND: &'static str = "department";
    type State = Department;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Department>,
        _at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        decide(state, command)
    }

    fn evolve(state: Option<Department>, _at: Timestamp, event: &Event) -> Department {
        evolve(state, event)
    }

    fn next_due(_state: &Department) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &Department) -> Scope {
        Scope::area(state.district.clone())
    }

    fn announce(_id: &str, _state: &Department, event: &Event) -> Vec<Announcement> {
        announce::announce(event)
    }

    fn index(_id: &str, state: &Department) -> Vec<Rows> {
        vec![store::index(state)]
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}

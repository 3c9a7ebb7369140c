//! The story of a person on duty (在岗人员): somebody with the right to do so appoints them with an account, a first password and posts; posts are
//! granted and revoked; tokens issued from then on carry the posts held then. Whoever appoints needs the right in the areas of all the posts. A person
//! is never deleted: histories speak of them.

mod announce;
mod appoint;
mod machine;
mod password;
mod rpc;
mod store;
mod wire;

pub use appoint::{FirstAccount, appoint_as_system};
pub use machine::{Command, Event, HeldPost, MAX_POSTS, Refusal, Staff, decide, evolve};
pub(crate) use password::Verdict;
pub(crate) use rpc::StaffRegister;
pub(crate) use wire::{is_account, staff as to_wire};

use gongzhi_chassis::caller::Scope;
use gongzhi_chassis::execute::{Aggregate, Announcement, Rows, Writer};
use gongzhi_chassis::status::{self, Failure};
use gongzhi_proto::ids::StaffId;
use jiff::Timestamp;

/// Compares a password with an account's. Takes as long for an account that nobody has.
pub(crate) async fn verify_password(
    writer: &Writer,
    account: &str,
    password: String,
) -> Result<(Verdict, Option<StaffId>), Failure> {
    let known = store::credential(writer.pool(), account).await?;
    let (id, hash) = known.unzip();
    Ok((password::verify(password, hash).await?, id))
}

/// Reads a person.
pub(crate) async fn load(writer: &Writer, id: StaffId) -> Result<Option<Staff>, Failure> {
    Ok(writer.load::<StaffKind>(&id.to_string()).await?.map(|(staff, _)| staff))
}

/// People on duty as the write path knows them.
pub(crate) struct StaffKind;

impl Aggregate for StaffKind {
    const KIND: &'static str = "staff";
    type State = Staff;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;
    type Rules = ();

    fn decide(
        state: Option<&Staff>,
        _at: Timestamp,
        command: &Command,
        _rules: &(),
    ) -> Result<Vec<Event>, Refusal> {
        decide(state, command)
    }

    fn evolve(state: Option<Staff>, _at: Timestamp, event: &Event) -> Staff {
        evolve(state, event)
    }

    fn next_due(_state: &Staff) -> Option<Timestamp> {
        None
    }

    fn tick() -> Option<Command> {
        None
    }

    fn scope(state: &Staff) -> Scope {
        Scope::area(state.area())
    }

    fn announce(id: &str, _state: &Staff, event: &Event) -> Vec<Announcement> {
        announce::announce(id, event)
    }

    fn index(id: &str, state: &Staff) -> Vec<Rows> {
        store::index(id, state)
    }
}

impl status::Refusal for Refusal {
    fn reason(&self) -> &'static str {
        self.word()
    }
}

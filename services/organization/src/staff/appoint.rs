//! Appointing somebody and granting posts: person, posts and the hash of the first password in one commit. The hash stands in a table of its own and never in the
//! history, where it would stay for ever.

use gongzhi_chassis::execute::{DoneOf, Target, Unit, Writer};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::status::Failure;
use gongzhi_proto::ids::{AreaCode, StaffId};
use gongzhi_proto::organization::v1 as pb;

use super::machine::{Command, HeldPost, Refusal, Staff};
use super::{StaffKind, password, store, wire};
use crate::{NAME, department};

/// Tries against others who take the same account or repeat the same request at the same time.
const TRIES: usize = 4;

/// Somebody who is there before anybody could appoint: the first platform operator, or the people of a demonstration.
pub struct FirstAccount {
    /// Name that the account signs in with.
    pub account: String,
    /// Name shown to colleagues.
    pub display_name: String,
    /// First password.
    pub password: String,
    /// Posts held from the start.
    pub posts: Vec<pb::HeldPost>,
}

/// Appoints somebody without anybody asking for it. Done once per account: a repeat answers with whom it appointed and changes neither posts nor
/// password.
pub async fn appoint_as_system(
    writer: &Writer,
    district: &AreaCode,
    first: FirstAccount,
) -> Result<StaffId, Failure> {
    let FirstAccount { account, display_name, password, posts } = first;
    let request = pb::AppointStaffRequest { account, display_name, password, posts };
    let staff = wire::appoint(&request, district)?;
    let admission = Admission::system(NAME, format!("first-account-{}", staff.account));
    let done = appoint(writer, &admission, staff, request.password).await?;
    id_of(&done)
}

/// Appoints somebody; an empty password makes no local account.
pub(super) async fn appoint(
    writer: &Writer,
    admission: &Admission,
    staff: Staff,
    password: String,
) -> Result<DoneOf<StaffKind>, Failure> {
    // Before the transaction: hashing is slow by intention and must hold no lock.
    let hash = if password.is_empty() { None } else { Some(password::hash(password).await?) };
    let mut taken = false;
    for _ in 0..TRIES {
        match appoint_once(writer, admission, &staff, hash.as_deref()).await {
            Ok(Some(done)) => return Ok(done),
            Ok(None) => {}
            // Perhaps by the same request, sent twice at once: the second look finds its answer.
            Err(failure) if store::is_account_taken(&failure) && !taken => taken = true,
            Err(failure) if store::is_account_taken(&failure) => {
                return Err(Failure::refused(&Refusal::AccountTaken(staff.account)));
            }
            Err(failure) => return Err(failure),
        }
    }
    Err(Failure::Conflict)
}

/// Appoints in one commit; nothing when others were first and it must be done again.
async fn appoint_once(
    writer: &Writer,
    admission: &Admission,
    staff: &Staff,
    hash: Option<&str>,
) -> Result<Option<DoneOf<StaffKind>>, Failure> {
    let mut unit = writer.begin(admission).await?;
    let id = unit.new_id().to_string();
    require_departments(&mut unit, &staff.posts).await?;
    let done = unit.execute::<StaffKind>(&(), Target::Any(&id), &Command::Appoint(staff.clone())).await?;
    if let (Some(hash), false) = (hash, unit.is_repeat()) {
        store::keep_credential(unit.connection().await?, id_of(&done)?.0, hash).await?;
    }
    Ok(unit.commit().await?.then_some(done))
}

/// Grants a post; one for a department only when the department is registered, in the commit that grants it.
pub(super) async fn grant(
    writer: &Writer,
    admission: &Admission,
    id: StaffId,
    held: HeldPost,
) -> Result<DoneOf<StaffKind>, Failure> {
    let (id, command) = (id.to_string(), Command::Grant(held.clone()));
    for _ in 0..TRIES {
        let mut unit = writer.begin(admission).await?;
        require_departments(&mut unit, std::slice::from_ref(&held)).await?;
        let done = unit.execute::<StaffKind>(&(), Target::Existing(&id), &command).await?;
        if unit.commit().await? {
            return Ok(done);
        }
    }
    Err(Failure::Conflict)
}

/// Fails unless the departments of posts are registered. What was answered before is not asked again.
async fn require_departments(unit: &mut Unit, posts: &[HeldPost]) -> Result<(), Failure> {
    if unit.is_repeat() {
        return Ok(());
    }
    for code in posts.iter().filter_map(|held| held.department.as_ref()) {
        if !department::is_registered(unit.connection().await?, code).await? {
            return Err(Failure::refused(&Refusal::DepartmentNotRegistered(code.clone())));
        }
    }
    Ok(())
}

/// Whom a command was about.
pub(super) fn id_of(done: &DoneOf<StaffKind>) -> Result<StaffId, Failure> {
    StaffId::parse(&done.id).map_err(|error| Failure::Bug(error.to_string()))
}

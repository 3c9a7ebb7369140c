//! What a whistle and its case do together, in one commit: sounding, accepting the joint result, withdrawing. The case is locked before its whistle,
//! everywhere.

use gongzhi_chassis::execute::{DoneOf, Target, Unit, Writer};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::ids::WhistleId;

use super::parse::Call;
use super::{Command, Decision, Event, Sheet, store};
use crate::case::{self, CaseFile};
use crate::rules::Rules;

/// A whistle and its case after what they did together.
pub(crate) struct Joint {
    pub(crate) whistle: DoneOf<Sheet>,
    pub(crate) case: DoneOf<CaseFile>,
}

/// Tries against others who change the same case at the same moment.
const TRIES: usize = 4;

/// Sounds a whistle on a case.
pub(crate) async fn sound(
    writer: &Writer,
    rules: &Rules,
    admission: &Admission,
    call: &Call,
) -> Result<Joint, Failure> {
    for _ in 0..TRIES {
        let mut unit = writer.begin(admission).await?;
        if !unit.is_repeat() {
            refuse_unknown(&mut unit, call).await?;
        }
        let id = unit.new_id();
        let command = case::Command::Whistle { whistle_id: WhistleId(id) };
        let case =
            unit.execute::<CaseFile>(rules, Target::Existing(&call.case_id.to_string()), &command).await?;
        let sound = Command::Sound {
            case_id: call.case_id,
            area: case.state.registration.place.area.clone(),
            category: case.state.registration.category.clone(),
            kind: call.kind,
            level: call.level,
            departments: call.departments.clone(),
            request: call.request.clone(),
        };
        let whistle = unit.execute::<Sheet>(rules, Target::Any(&id.to_string()), &sound).await?;
        if unit.commit().await? {
            return Ok(Joint { whistle, case });
        }
    }
    Err(Failure::Conflict)
}

/// Fails with every department that organization has not registered.
async fn refuse_unknown(unit: &mut Unit, call: &Call) -> Result<(), Failure> {
    let codes: Vec<_> = call.departments.iter().map(ToString::to_string).collect();
    let known = store::known_departments(unit.connection().await?, &codes).await?;
    let mut violations = Violations::new();
    for unknown in codes.iter().filter(|code| !known.contains(code)) {
        violations.add("department_codes", format!("{unknown} is not a registered department"));
    }
    violations.finish()
}

/// Accepts the joint result; the case is settled by it.
pub(crate) async fn accept(
    writer: &Writer,
    rules: &Rules,
    admission: &Admission,
    id: &WhistleId,
    summary: &str,
) -> Result<Joint, Failure> {
    let of_case = case::Command::WhistleAccepted { summary: summary.to_owned() };
    both(writer, rules, admission, id, &of_case, &Command::Accept { summary: summary.to_owned() }).await
}

/// Withdraws a whistle; the sub-district handles the case again.
pub(crate) async fn withdraw(
    writer: &Writer,
    rules: &Rules,
    admission: &Admission,
    id: &WhistleId,
    reason: &str,
) -> Result<Joint, Failure> {
    both(
        writer,
        rules,
        admission,
        id,
        &case::Command::WhistleWithdrawn,
        &Command::Withdraw { reason: reason.to_owned() },
    )
    .await
}

/// Decides a refusal. Excusing the last department withdraws the whistle, and then the sub-district handles the case again.
pub(crate) async fn decide(
    writer: &Writer,
    rules: &Rules,
    admission: &Admission,
    id: &WhistleId,
    command: &Command,
) -> Result<DoneOf<Sheet>, Failure> {
    let key = id.to_string();
    for _ in 0..TRIES {
        let (sheet, _) =
            writer.load::<Sheet>(&key).await?.ok_or_else(|| Failure::NotFound(format!("whistle {key}")))?;
        let last = sheet.summonses.values().filter(|summons| summons.is_joined()).count() == 1;
        if last && matches!(command, Command::DecideRefusal { decision: Decision::Excused, .. }) {
            return both(writer, rules, admission, id, &case::Command::WhistleWithdrawn, command)
                .await
                .map(|joint| joint.whistle);
        }
        let mut unit = writer.begin(admission).await?;
        let done = unit.execute::<Sheet>(rules, Target::Existing(&key), command).await?;
        // Another department was excused since the look above; then the case must be locked first, so it is done again.
        let withdrawn = done.events.iter().any(|event| matches!(event, Event::WhistleWithdrawn { .. }));
        if (unit.is_repeat() || !withdrawn) && unit.commit().await? {
            return Ok(done);
        }
    }
    Err(Failure::Conflict)
}

async fn both(
    writer: &Writer,
    rules: &Rules,
    admission: &Admission,
    id: &WhistleId,
    of_case: &case::Command,
    of_whistle: &Command,
) -> Result<Joint, Failure> {
    let id = id.to_string();
    // Whose whistle it is never changes, so it may be read before anything is locked.
    let (sheet, _) =
        writer.load::<Sheet>(&id).await?.ok_or_else(|| Failure::NotFound(format!("whistle {id}")))?;
    let case_id = sheet.case_id.to_string();
    for _ in 0..TRIES {
        let mut unit = writer.begin(admission).await?;
        let case = unit.execute::<CaseFile>(rules, Target::Existing(&case_id), of_case).await;
        // What the whistle has to say is more to the point than that the case is not whistled any more.
        let whistle = unit.execute::<Sheet>(rules, Target::Existing(&id), of_whistle).await?;
        let case = case?;
        if unit.commit().await? {
            return Ok(Joint { whistle, case });
        }
    }
    Err(Failure::Conflict)
}

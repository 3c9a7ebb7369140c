//! Filing of a report: it makes a case, or joins the open case of the same thing. How the reporter can be reached is sealed in the same commit.

use gongzhi_chassis::execute::{DoneOf, Target, Unit, Writer};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::status::Failure;

use super::parse::Report;
use super::{CaseFile, Command, Event, Registration, store};
use crate::calendar::WorkCalendar;
use crate::contact::{self, MasterKey};
use crate::rules::Rules;

/// What became of a report.
pub(crate) struct Filed {
    pub(crate) done: DoneOf<CaseFile>,
    /// True when it joined a case that was open already.
    pub(crate) joined: bool,
    /// Which reporter of the case this is.
    pub(crate) reporter: u32,
}

/// Tries against others who file at the same moment.
const TRIES: usize = 4;

pub(crate) async fn file(
    writer: &Writer,
    rules: &Rules,
    master: &MasterKey,
    admission: &Admission,
    report: &Report,
) -> Result<Filed, Failure> {
    for _ in 0..TRIES {
        let mut unit = writer.begin(admission).await?;
        let done = file_once(&mut unit, rules, report).await?;
        let joined = !done.events.iter().any(|event| matches!(event, Event::CaseRegistered { .. }));
        let reporter = done
            .events
            .iter()
            .find_map(
                |event| if let Event::ReporterJoined { reporter } = event { Some(*reporter) } else { None },
            )
            .unwrap_or(1);
        if !unit.is_repeat() && !report.contact.is_empty() {
            let sealed = master.seal(&record(&done.id, reporter), &report.contact)?;
            contact::store::keep(unit.connection().await?, &done.id, reporter as i32, &sealed).await?;
        }
        if unit.commit().await? {
            return Ok(Filed { done, joined, reporter });
        }
    }
    Err(Failure::Conflict)
}

async fn file_once(unit: &mut Unit, rules: &Rules, report: &Report) -> Result<DoneOf<CaseFile>, Failure> {
    let mut same = None;
    let mut case_number = String::new();
    if !unit.is_repeat() {
        let day = WorkCalendar::date_of(unit.at());
        store::queue_reports(unit.connection().await?, &report.place.area, &report.category).await?;
        same = store::same_thing(
            unit.connection().await?,
            &report.category,
            &report.place,
            &report.distinct_from,
        )
        .await?;
        if same.is_none() {
            case_number = store::next_number(unit.connection().await?, &report.place.area, day).await?;
        }
    }
    if let Some(id) = same {
        return unit.execute::<CaseFile>(rules, Target::Existing(&id), &Command::JoinReporter).await;
    }
    let id = unit.new_id().to_string();
    let registration = Registration {
        case_number,
        category: report.category.clone(),
        urgency: report.urgency,
        title: report.title.clone(),
        description: report.description.clone(),
        place: report.place.clone(),
    };
    unit.execute::<CaseFile>(rules, Target::Any(&id), &Command::Register(registration)).await
}

/// Names a record of contact data, so that it opens nowhere else.
pub(crate) fn record(case_id: &str, reporter: u32) -> String {
    format!("{case_id}/{reporter}")
}

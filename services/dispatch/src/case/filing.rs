//! Filing of a report: it makes a case, or joins the open case of the same thing. How the reporter can be reached is sealed in the same commit.

use std::sync::Arc;

use gongzhi_chassis::clock::Clock;
use gongzhi_chassis::execute::{DoneOf, Look, Rows, Search, Writer};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::status::Failure;
use serde_json::Value;

use super::parse::Report;
use super::store::Found;
use super::{CaseFile, Command, Event, Registration, store};
use crate::calendar::WorkCalendar;
use crate::contact::{self, MasterKeys};
use crate::rules::Rules;

/// What became of a report.
pub(crate) struct Filed {
    pub(crate) done: DoneOf<CaseFile>,
    /// True when it joined a case that was open already.
    pub(crate) joined: bool,
    /// Which reporter of the case this is.
    pub(crate) reporter: u32,
}

/// Files a report.
pub(crate) async fn file(
    writer: &Writer,
    rules: &Arc<Rules>,
    masters: &MasterKeys,
    admission: &Admission,
    report: Report,
) -> Result<Filed, Failure> {
    let filing = Filing { report, masters: masters.clone(), clock: writer.clock().clone() };
    let done = writer.search::<CaseFile>(admission, rules, filing).await?;
    let joined = !done.events.iter().any(|event| matches!(event, Event::CaseRegistered { .. }));
    let reporter = reporter(&done);
    Ok(Filed { done, joined, reporter })
}

/// Which reporter of a case a report made.
fn reporter(done: &DoneOf<CaseFile>) -> u32 {
    let joined =
        |event: &Event| if let Event::ReporterJoined { reporter } = event { Some(*reporter) } else { None };
    done.events.iter().find_map(joined).unwrap_or(1)
}

/// A report on its way into a case.
struct Filing {
    report: Report,
    masters: MasterKeys,
    clock: Clock,
}

impl Search<CaseFile> for Filing {
    fn look(&self) -> Look {
        store::look(&self.report.category, &self.report.place, &self.report.distinct_from)
    }

    fn found(&self, answer: &Value) -> Result<(String, Command), Failure> {
        let report = &self.report;
        match store::found(answer) {
            Some(Found::Same(case_id)) => Ok((case_id, Command::JoinReporter)),
            Some(Found::Number(number)) => {
                let day = WorkCalendar::date_of(self.clock.now());
                let registration = Registration {
                    case_number: store::case_number(&report.place.area, day, number),
                    category: report.category.clone(),
                    urgency: report.urgency,
                    title: report.title.clone(),
                    description: report.description.clone(),
                    place: report.place.clone(),
                    goal: None,
                };
                Ok((self.clock.new_id().to_string(), Command::Register(registration)))
            }
            None => Err(Failure::Bug(format!("a look for a report found {answer}"))),
        }
    }

    fn rows(&self, done: &DoneOf<CaseFile>) -> Result<Vec<Rows>, Failure> {
        if self.report.contact.is_empty() {
            return Ok(vec![]);
        }
        let reporter = reporter(done);
        let sealed = self.masters.seal(&record(&done.id, reporter), &self.report.contact)?;
        Ok(contact::store::keep(&done.id, reporter as i32, &sealed))
    }
}

/// Names a record of contact data, so that it opens nowhere else.
pub(crate) fn record(case_id: &str, reporter: u32) -> String {
    format!("{case_id}/{reporter}")
}

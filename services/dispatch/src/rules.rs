//! The rules by which both machines decide: calendar, limits and categories, loaded once and shared.

use std::sync::Arc;

use crate::calendar::WorkCalendar;
use crate::category::Categories;
use crate::limits::Limits;

/// What the machines need to decide, besides the state, the time and the command.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Which days and hours count.
    pub calendar: Arc<WorkCalendar>,
    /// How much time there is.
    pub limits: Arc<Limits>,
    /// What cases are about.
    pub categories: Arc<Categories>,
}

impl Rules {
    /// The rules that come with the program.
    pub fn official() -> Self {
        Self {
            calendar: Arc::new(WorkCalendar::official()),
            limits: Arc::new(Limits::official()),
            categories: Arc::new(Categories::official()),
        }
    }
}

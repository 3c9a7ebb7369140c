//! Lists of figures by one dimension, in pages.

use gongzhi_chassis::page::Page;
use gongzhi_chassis::status::Failure;
use gongzhi_chassis::violations::Violations;
use gongzhi_proto::ids::{AreaCode, Level};
use gongzhi_proto::reporting::v1::{Dimension, Figures, ListFiguresRequest};
use jiff::civil::Date;
use sqlx::PgPool;

use crate::board::{nameless, with_names};
use crate::figures::{self, Days};
use crate::parse;

/// Figures per page when the caller does not say, and at most.
const PAGE: (i64, i64) = (200, 500);

/// By what figures are told apart.
#[derive(Clone, Copy, Debug)]
enum By {
    /// Communities or sub-districts.
    Area(Level),
    /// Called departments.
    Department,
    /// Categories.
    Category,
    /// Days of registration.
    Day,
}

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Listing {
    /// The area.
    pub(crate) area: AreaCode,
    by: By,
    days: Days,
    page: Page,
}

impl Listing {
    /// Reads a request; every field error at once.
    pub(crate) fn parse(request: &ListFiguresRequest) -> Result<Self, Failure> {
        let mut violations = Violations::new();
        let area = parse::area(&mut violations, &request.area_code);
        let by = violations.choice("dimension", request.dimension).and_then(by);
        if let (Some(area), Some(By::Area(level))) = (&area, by)
            && area.level() > level
        {
            violations.add("dimension", "must not be a level above the area");
        }
        let from = day(&mut violations, "from_day", &request.from_day);
        let to = day(&mut violations, "to_day", &request.to_day);
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            violations.add("to_day", "must not be before from_day");
        }
        let page = Page::parse(&mut violations, request.page_size, &request.page_token, PAGE.0, PAGE.1);
        let listing = area.zip(by).map(|(area, by)| Self { area, by, days: Days { from, to }, page });
        violations.open(listing)
    }

    /// Reads a page and the token of the next one. Keys are few – areas, departments, categories, days –, so a page is cut from all of them.
    pub(crate) async fn read(&self, pool: &PgPool) -> Result<(Vec<Figures>, String), Failure> {
        let mut snapshot = pool.begin_with("begin isolation level repeatable read read only").await?;
        let connection = &mut *snapshot;
        let mut rows = match self.by {
            By::Area(level) => {
                let counted = figures::of_cases(connection, &self.area, level, self.days).await?;
                with_names(counted.areas, figures::names(connection, &self.area, level).await?)
            }
            By::Department => nameless(figures::of_departments(connection, &self.area, self.days).await?),
            By::Category => {
                let level = self.area.level();
                nameless(figures::of_cases(connection, &self.area, level, self.days).await?.categories)
            }
            By::Day => {
                let level = self.area.level();
                nameless(figures::of_cases(connection, &self.area, level, self.days).await?.days)
            }
        };
        snapshot.commit().await?;
        if let Some(after) = &self.page.after {
            rows.retain(|row| row.key > *after);
        }
        let next = self.page.cut(&mut rows, |row| row.key.clone());
        Ok((rows, next))
    }
}

fn by(dimension: Dimension) -> Option<By> {
    match dimension {
        Dimension::Community => Some(By::Area(Level::Community)),
        Dimension::SubDistrict => Some(By::Area(Level::SubDistrict)),
        Dimension::Department => Some(By::Department),
        Dimension::Category => Some(By::Category),
        Dimension::Day => Some(By::Day),
        // Refused before as not stated.
        Dimension::Unspecified => None,
    }
}

/// Takes a day as ISO 8601 writes it, `2026-11-23`; none when it is not given.
fn day(violations: &mut Violations, field: &str, given: &str) -> Option<Date> {
    if given.is_empty() {
        return None;
    }
    let day = given.parse::<Date>().ok().filter(|day| day.to_string() == given);
    if day.is_none() {
        violations.add(field, "must be a day as in 2026-11-23");
    }
    day
}

//! The effects of a batch of facts: which rows are read, in which order they are moved, and what is written of it, with few statements for many facts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gongzhi_chassis::rows::JsonArray;
use gongzhi_chassis::status::Failure;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::{CaseRow, Happening, Rating, SummonsRow, happenings};

type Move<R> = Box<dyn FnOnce(&mut R) + Send + Sync>;

/// Moves the row of a case that is told its present area.
type Registration = Box<dyn FnOnce(&mut CaseRow, String) + Send + Sync>;

/// One effect of a fact.
pub(crate) enum Step {
    /// It is noted.
    Note(Happening),
    /// It registers a case in an area.
    Registered { case: Uuid, area: String, change: Registration },
    /// It moves the row of a case, which is made first when the case was never seen.
    Case { case: Uuid, area: String, change: Move<CaseRow> },
    /// It moves the row of a summons, which is made first when the sounding was never seen.
    Summons { whistle: Uuid, department: String, case: Uuid, change: Move<SummonsRow> },
    /// It moves the rows of all departments under a whistle.
    Whistle { whistle: Uuid, change: Box<dyn Fn(&mut SummonsRow) + Send + Sync> },
    /// A reporter judged.
    Rated { rating: Rating, area: String },
}

/// The rows that a batch moves.
#[derive(Default)]
struct Rows {
    /// Codes as facts state them → as they are at present.
    areas: HashMap<String, String>,
    cases: BTreeMap<Uuid, CaseRow>,
    summonses: BTreeMap<(Uuid, String), SummonsRow>,
    ratings: BTreeMap<(Uuid, i32, i32), Rating>,
    happenings: Vec<(Happening, String)>,
    moved_cases: BTreeSet<Uuid>,
    moved_summonses: BTreeSet<(Uuid, String)>,
    new_ratings: BTreeSet<(Uuid, i32, i32)>,
}

/// Has the effects of steps, in their order.
pub(crate) async fn have_effect(connection: &mut PgConnection, steps: Vec<Step>) -> Result<(), Failure> {
    if steps.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::read(connection, &steps).await?;
    for step in steps {
        rows.take(step);
    }
    rows.write(connection).await
}

impl Rows {
    /// Reads every row that the steps may move.
    async fn read(connection: &mut PgConnection, steps: &[Step]) -> Result<Self, Failure> {
        let (mut areas, mut cases) = (BTreeSet::new(), BTreeSet::new());
        let (mut whistles, mut judged) = (BTreeSet::new(), BTreeSet::new());
        for step in steps {
            match step {
                Step::Note(happening) => {
                    areas.insert(happening.area.as_str());
                }
                Step::Registered { case, area, .. } | Step::Case { case, area, .. } => {
                    areas.insert(area.as_str());
                    cases.insert(*case);
                }
                Step::Summons { whistle, .. } | Step::Whistle { whistle, .. } => {
                    whistles.insert(*whistle);
                }

                Step::Rated { rating, area } => {
                    areas.insert(area.as_str());
                    cases.insert(rating.case_id);
                    judged.insert(rating.case_id);
                }
            }
        }
        // A plan that is kept from the first day, when the tables were empty, would read them whole for ever.
        sqlx::query("set local enable_seqscan = off").execute(&mut *connection).await?;
        let mut rows = Self { areas: present(connection, areas).await?, ..Self::default() };
        let read: Vec<CaseRow> =
            load(connection, "select row_to_json(c) from cases c where case_id = any ($1)", cases).await?;
        rows.cases = read.into_iter().map(|row| (row.case_id, row)).collect();
        let read: Vec<SummonsRow> =
            load(connection, "select row_to_json(s) from summonses s where whistle_id = any ($1)", whistles)
                .await?;
        rows.summonses =
            read.into_iter().map(|row| ((row.whistle_id, row.department_code.clone()), row)).collect();
        let read: Vec<Rating> =
            load(connection, "select row_to_json(r) from ratings r where case_id = any ($1)", judged).await?;
        rows.ratings = read.into_iter().map(|row| ((row.case_id, row.round, row.reporter), row)).collect();
        Ok(rows)
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Note(happening) => {
                let area = self.present_area(&happening.area);
                self.happenings.push((happening, area));
            }
            Step::Registered { case, area, change } => {
                let present = self.present_area(&area);
                change(self.case(case, &area), present);
            }
            Step::Case { case, area, change } => change(self.case(case, &area)),
            Step::Summons { whistle, department, case, change } => {
                let key = (whistle, department);
                self.moved_summonses.insert(key.clone());
                let unseen = SummonsRow::unseen(whistle, key.1.clone(), case);
                change(self.summonses.entry(key).or_insert(unseen));
            }
            Step::Whistle { whistle, change } => {
                for (key, row) in self.summonses.range_mut((whistle, String::new())..) {
                    if key.0 != whistle {
                        break;
                    }
                    change(row);
                    self.moved_summonses.insert(key.clone());
                }
            }
            Step::Rated { rating, area } => {
                let (case, key) = (rating.case_id, (rating.case_id, rating.round, rating.reporter));
                self.new_ratings.insert(key);
                self.ratings.insert(key, rating);
                let ratings: Vec<_> =
                    self.ratings.values().filter(|rating| rating.case_id == case).cloned().collect();
                self.case(case, &area).judged(ratings.iter());
            }
        }
    }

    fn present_area(&self, area: &str) -> String {
        self.areas.get(area).cloned().unwrap_or_else(|| area.to_owned())
    }

    fn case(&mut self, case: Uuid, area: &str) -> &mut CaseRow {
        let area = self.present_area(area);
        self.moved_cases.insert(case);
        self.cases.entry(case).or_insert_with(|| CaseRow::unseen(case, area))
    }

    async fn write(mut self, connection: &mut PgConnection) -> Result<(), Failure> {
        let cases = self.moved_cases.iter().filter_map(|key| self.cases.get(key));
        write(connection, include_str!("../../queries/write_cases.sql"), cases).await?;
        let summonses = self.moved_summonses.iter().filter_map(|key| self.summonses.get(key));
        write(connection, include_str!("../../queries/write_summonses.sql"), summonses).await?;
        let ratings = self.new_ratings.iter().filter_map(|key| self.ratings.get(key));
        let sql = "insert into ratings (case_id, round, reporter, rating, rated_at)
             select case_id, round, reporter, rating, rated_at from json_populate_recordset(null::ratings, $1)
             on conflict (case_id, round, reporter) do update set rating = excluded.rating, rated_at = excluded.rated_at";
        write(connection, sql, ratings).await?;
        happenings::note(connection, std::mem::take(&mut self.happenings)).await
    }
}

/// The present codes of areas.
async fn present(
    connection: &mut PgConnection,
    areas: BTreeSet<&str>,
) -> Result<HashMap<String, String>, Failure> {
    let areas: Vec<_> = areas.into_iter().collect();
    let present: Vec<(String, String)> =
        sqlx::query_as("select area, current_area(area) from unnest($1::text[]) as area")
            .bind(areas)
            .fetch_all(connection)
            .await?;
    Ok(present.into_iter().collect())
}

async fn load<R: DeserializeOwned + Send + Unpin + 'static>(
    connection: &mut PgConnection,
    sql: &'static str,
    keys: BTreeSet<Uuid>,
) -> Result<Vec<R>, Failure> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<_> = keys.into_iter().collect();
    let rows: Vec<Json<R>> = sqlx::query_scalar(sql).bind(keys).fetch_all(connection).await?;
    Ok(rows.into_iter().map(|Json(row)| row).collect())
}

async fn write<'r, R: Serialize + 'r>(
    connection: &mut PgConnection,
    sql: &'static str,
    rows: impl Iterator<Item = &'r R>,
) -> Result<(), Failure> {
    let rows: Vec<Value> = rows
        .map(serde_json::to_value)
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::Bug(error.to_string()))?;
    if !rows.is_empty() {
        sqlx::query(sql).bind(JsonArray::of(&rows)?).execute(connection).await?;
    }
    Ok(())
}

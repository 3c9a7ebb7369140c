//! An order: one command of one caller, for an aggregate that is named or must be looked for. It can be carried out in a group with others or in a unit
//! of its own, with the same outcome.

use std::sync::Arc;

use serde_json::Value;
use sqlx::{PgConnection, Row as _};

use crate::aggregate::{Aggregate, DoneOf, Rows};
use crate::execute::{Target, Unit};
use crate::gate::Admission;
use crate::rows::JsonArray;
use crate::status::Failure;

/// What must be looked at before it is known which aggregate a command is for.
#[derive(Clone, Debug)]
pub struct Look {
    /// Takes the questions as one JSON array in `$1` and gives one JSON answer per question, in their order. It may lock.
    pub sql: &'static str,
    /// The question: an element of the array.
    pub question: Value,
    /// Names what the answer depends on: two commands with the same key are not looked at together, because the first may change the answer of the
    /// second.
    pub key: String,
}

/// A command whose aggregate must be looked for.
pub trait Search<A: Aggregate>: Send + Sync + 'static {
    /// What must be looked at.
    fn look(&self) -> Look;
    /// Reads the answer: which aggregate, and what is asked of it.
    fn found(&self, answer: &Value) -> Result<(String, A::Command), Failure>;
    /// What else is written with what was done; each statement takes rows as those of [`Aggregate::index`] do.
    fn rows(&self, done: &DoneOf<A>) -> Result<Vec<Rows>, Failure>;
}

/// For which aggregate what is asked.
pub(crate) enum Aim<A: Aggregate> {
    Existing(String, A::Command),
    Any(String, A::Command),
    Searched(Box<dyn Search<A>>),
}

/// One command of one caller.
pub(crate) struct Order<A: Aggregate> {
    pub(crate) admission: Admission,
    pub(crate) rules: Arc<A::Rules>,
    pub(crate) aim: Aim<A>,
}

impl<A: Aggregate> Order<A> {
    pub(crate) fn new(admission: &Admission, rules: &Arc<A::Rules>, aim: Aim<A>) -> Self {
        Self { admission: admission.clone(), rules: rules.clone(), aim }
    }

    /// Carries the order out in a unit of its own.
    pub(crate) async fn carry_out_in(&self, unit: &mut Unit) -> Result<DoneOf<A>, Failure> {
        match &self.aim {
            Aim::Existing(id, command) => unit.execute::<A>(&self.rules, Target::Existing(id), command).await,
            Aim::Any(id, command) => unit.execute::<A>(&self.rules, Target::Any(id), command).await,
            Aim::Searched(search) => {
                if let Some(answer) = unit.first_answer::<A>().await? {
                    return Ok(answer);
                }
                let Look { sql, question, .. } = search.look();
                let answers = ask(unit.connection().await?, sql, &[question]).await?;
                let (id, command) = search.found(answers.first().unwrap_or(&Value::Null))?;
                let done = unit.execute::<A>(&self.rules, Target::Any(&id), &command).await?;
                if !unit.is_repeat() {
                    unit.put(search.rows(&done)?);
                }
                Ok(done)
            }
        }
    }
}

/// Asks questions with one statement; gives the answers in their order.
pub(crate) async fn ask(
    connection: &mut PgConnection,
    sql: &'static str,
    questions: &[Value],
) -> Result<Vec<Value>, Failure> {
    let rows = sqlx::query(sql).bind(JsonArray::of(questions)?).fetch_all(connection).await?;
    if rows.len() != questions.len() {
        return Err(Failure::Bug(format!("{} questions got {} answers", questions.len(), rows.len())));
    }
    rows.iter().map(|row| Ok(row.try_get::<sqlx::types::Json<Value>, _>(0)?.0)).collect()
}

//! Rows that wait for their statement: what aggregates are searched by is gathered and written with one statement for many, before anybody reads
//! through the same connection and before the commit.

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo};
use sqlx::{Encode, PgConnection, Postgres, Type};

use crate::aggregate::Rows;
use crate::status::Failure;

/// Rows that are not written yet.
#[derive(Default)]
pub(crate) struct Pending {
    /// By aggregate: what an earlier state of it had to write, a later one replaces.
    rows: BTreeMap<(&'static str, String), Vec<Rows>>,
    /// What is written once, whatever becomes of the aggregate.
    further: Vec<Rows>,
}

impl Pending {
    /// Takes what an aggregate is searched by now.
    pub(crate) fn put(&mut self, kind: &'static str, id: &str, rows: Vec<Rows>) {
        self.rows.insert((kind, id.to_owned()), rows);
    }

    /// Takes rows that nothing replaces.
    pub(crate) fn add(&mut self, rows: Vec<Rows>) {
        self.further.extend(rows);
    }

    /// Writes everything, one statement after the other in the order of first appearance.
    pub(crate) async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), Failure> {
        let mut statements: Vec<(&'static str, Vec<Value>)> = Vec::new();
        let further = std::mem::take(&mut self.further);
        for Rows { sql, row } in std::mem::take(&mut self.rows).into_values().flatten().chain(further) {
            match statements.iter_mut().find(|(known, _)| *known == sql) {
                Some((_, rows)) => rows.push(row),
                None => statements.push((sql, vec![row])),
            }
        }
        for (sql, rows) in statements {
            sqlx::query(sql).bind(JsonArray::of(&rows)?).execute(&mut *connection).await?;
        }
        Ok(())
    }
}

/// JSON as PostgreSQL's `json`: the text as it stands, which costs it less than `jsonb`.
pub struct JsonArray(String);

impl JsonArray {
    /// The array of these values.
    pub fn of(values: &[Value]) -> Result<Self, Failure> {
        serde_json::to_string(values).map(Self).map_err(|error| Failure::Bug(error.to_string()))
    }
}

/// The number of the type `json`, the same in every PostgreSQL.
const JSON: Oid = Oid(114);

impl Type<Postgres> for JsonArray {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(JSON)
    }
}

impl Encode<'_, Postgres> for JsonArray {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }
}

//! The row of one called department under a whistle.

use gongzhi_chassis::status::Failure;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{PgConnection, Postgres};
use uuid::Uuid;

use super::bound;

/// By when a called department must have done what.
pub(crate) struct Limits {
    /// 签收
    pub(crate) sign_for: Option<Timestamp>,
    /// 联系
    pub(crate) contact: Option<Timestamp>,
    /// 报到
    pub(crate) report_in: Option<Timestamp>,
    /// 完成
    pub(crate) finish: Option<Timestamp>,
}

/// The row of the summons that a fact is about.
pub(crate) struct SummonsRow<'a> {
    /// Where to write.
    pub(crate) connection: &'a mut PgConnection,
    /// The whistle.
    pub(crate) whistle: Uuid,
    /// The department.
    pub(crate) department: &'a str,
    /// The case.
    pub(crate) case: Uuid,
    /// When the fact happened.
    pub(crate) at: Timestamp,
}

type Statement = Query<'static, Postgres, PgArguments>;

impl SummonsRow<'_> {
    /// Changes the row by a statement that takes whistle, department and instant; makes it first when the sounding was never seen.
    async fn change(
        &mut self,
        sql: &'static str,
        bind: impl Fn(Statement) -> Statement,
    ) -> Result<(), Failure> {
        let (whistle, department, at) = (self.whistle, self.department.to_owned(), self.at.to_sqlx());
        let statement = || bind(sqlx::query(sql).bind(whistle).bind(department.clone()).bind(at));
        if statement().execute(&mut *self.connection).await?.rows_affected() == 0 {
            sqlx::query(
                "insert into summonses (whistle_id, department_code, case_id) values ($1, $2, $3) on conflict do nothing",
            )
            .bind(self.whistle)
            .bind(self.department)
            .bind(self.case)
            .execute(&mut *self.connection)
            .await?;
            statement().execute(&mut *self.connection).await?;
        }
        Ok(())
    }

    /// Called, with four clocks.
    pub(crate) async fn called(&mut self, limits: &Limits) -> Result<(), Failure> {
        sqlx::query(
            "insert into summonses (whistle_id, department_code, case_id, sounded_at, sign_for_due_at, contact_due_at,
                 report_in_due_at, finish_due_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (whistle_id, department_code) do update set sounded_at = excluded.sounded_at,
                 sign_for_due_at = excluded.sign_for_due_at, contact_due_at = excluded.contact_due_at,
                 report_in_due_at = excluded.report_in_due_at, finish_due_at = excluded.finish_due_at",
        )
        .bind(self.whistle)
        .bind(self.department)
        .bind(self.case)
        .bind(self.at.to_sqlx())
        .bind(bound(limits.sign_for))
        .bind(bound(limits.contact))
        .bind(bound(limits.report_in))
        .bind(bound(limits.finish))
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// 签收
    pub(crate) async fn signed_for(&mut self, late: bool) -> Result<(), Failure> {
        let sql = "update summonses set signed_for_at = $3, signed_for_late = $4
                   where whistle_id = $1 and department_code = $2";
        self.change(sql, |statement| statement.bind(late)).await
    }

    /// 联系
    pub(crate) async fn contacted(&mut self, late: bool) -> Result<(), Failure> {
        let sql = "update summonses set contacted_at = $3, contacted_late = $4
                   where whistle_id = $1 and department_code = $2";
        self.change(sql, |statement| statement.bind(late)).await
    }

    /// 报到
    pub(crate) async fn reported_in(&mut self, late: bool) -> Result<(), Failure> {
        let sql = "update summonses set reported_in_at = $3, reported_in_late = $4
                   where whistle_id = $1 and department_code = $2";
        self.change(sql, |statement| statement.bind(late)).await
    }

    /// Done with its part.
    pub(crate) async fn finished(&mut self, late: bool) -> Result<(), Failure> {
        let sql = "update summonses set finished_at = $3, finished_late = $4
                   where whistle_id = $1 and department_code = $2";
        self.change(sql, |statement| statement.bind(late)).await
    }

    /// 催办
    pub(crate) async fn reminded(&mut self) -> Result<(), Failure> {
        let sql =
            "update summonses set reminded = reminded + 1 where whistle_id = $1 and department_code = $2
                   and $3::timestamptz is not null";
        self.change(sql, |statement| statement).await
    }

    /// 督办, because the limit of `clock` came: `sign_for`, `contact`, `report_in`, `finish`, or another that is no clock of a department.
    pub(crate) async fn supervised(&mut self, clock: &'static str) -> Result<(), Failure> {
        let sql = "update summonses set supervised = true, sign_for_overdue = sign_for_overdue or $4 = 'sign_for',
                   contact_overdue = contact_overdue or $4 = 'contact', report_in_overdue = report_in_overdue or $4 = 'report_in',
                   finish_overdue = finish_overdue or $4 = 'finish'
                   where whistle_id = $1 and department_code = $2 and $3::timestamptz is not null";
        self.change(sql, |statement| statement.bind(clock)).await
    }

    /// Holds that it is not the one to come, or was told that it is.
    pub(crate) async fn refused(&mut self, waits: bool) -> Result<(), Failure> {
        let sql = "update summonses set refused = $4 where whistle_id = $1 and department_code = $2
                   and $3::timestamptz is not null";
        self.change(sql, |statement| statement.bind(waits)).await
    }

    /// Need not come.
    pub(crate) async fn excused(&mut self) -> Result<(), Failure> {
        let sql = "update summonses set refused = false, excused_at = $3
                   where whistle_id = $1 and department_code = $2";
        self.change(sql, |statement| statement).await
    }

    /// Took a task.
    pub(crate) async fn task_agreed(&mut self) -> Result<(), Failure> {
        let sql = "update summonses set tasks = tasks + 1 where whistle_id = $1 and department_code = $2
                   and $3::timestamptz is not null";
        self.change(sql, |statement| statement).await
    }

    /// Handed in evidence.
    pub(crate) async fn evidence(&mut self) -> Result<(), Failure> {
        let sql =
            "update summonses set evidence = evidence + 1 where whistle_id = $1 and department_code = $2
                   and $3::timestamptz is not null";
        self.change(sql, |statement| statement).await
    }

    /// 返工: its part is open again and its last clock starts anew.
    pub(crate) async fn rework(&mut self, finish_due_at: Option<Timestamp>) -> Result<(), Failure> {
        let sql = "update summonses set finished_at = null, finished_late = null, finish_overdue = false,
                   reworks = reworks + 1, finish_due_at = $4
                   where whistle_id = $1 and department_code = $2 and $3::timestamptz is not null";
        self.change(sql, |statement| statement.bind(bound(finish_due_at))).await
    }

    /// The whistle was withdrawn for it.
    pub(crate) async fn withdrawn(&mut self) -> Result<(), Failure> {
        let sql = "update summonses set withdrawn_at = $3 where whistle_id = $1 and department_code = $2";
        self.change(sql, |statement| statement).await
    }

    /// The joint result of a whistle was accepted, for all of its departments.
    pub(crate) async fn accepted(
        connection: &mut PgConnection,
        whistle: Uuid,
        at: Timestamp,
    ) -> Result<(), Failure> {
        sqlx::query("update summonses set accepted_at = $2 where whistle_id = $1")
            .bind(whistle)
            .bind(at.to_sqlx())
            .execute(connection)
            .await?;
        Ok(())
    }
}

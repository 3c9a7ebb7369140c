//! The row of a case, moved by the facts about it. A fact about a case whose registration was not seen makes a row that is known as far as told and
//! counts in no figure.

use gongzhi_chassis::status::Failure;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{PgConnection, Postgres};
use uuid::Uuid;

use super::bound;
use crate::instants;

/// How a reporter judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// 满意
    Satisfied,
    /// 基本满意
    FairlySatisfied,
    /// 不满意
    NotSatisfied,
    /// 未能联系
    NotReached,
}

impl Judgement {
    /// Reads the word of the contract.
    pub(crate) fn parse(word: &str) -> Result<Self, Failure> {
        let all = [Self::Satisfied, Self::FairlySatisfied, Self::NotSatisfied, Self::NotReached];
        all.into_iter()
            .find(|judgement| judgement.as_str() == word)
            .ok_or_else(|| Failure::Bug(format!("{word:?} is not a rating")))
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::FairlySatisfied => "fairly_satisfied",
            Self::NotSatisfied => "not_satisfied",
            Self::NotReached => "not_reached",
        }
    }
}

/// The row of the case that a fact is about.
pub(crate) struct CaseRow<'a> {
    /// Where to write.
    pub(crate) connection: &'a mut PgConnection,
    /// The case.
    pub(crate) case: Uuid,
    /// Area of the fact.
    pub(crate) area: &'a str,
    /// When the fact happened.
    pub(crate) at: Timestamp,
}

type Statement = Query<'static, Postgres, PgArguments>;

impl CaseRow<'_> {
    /// Changes the row; makes it first when the case was never seen.
    async fn change(&mut self, statement: impl Fn(Uuid) -> Statement) -> Result<(), Failure> {
        let changed = statement(self.case).execute(&mut *self.connection).await?.rows_affected();
        if changed == 0 {
            sqlx::query(
                "insert into cases (case_id, area_code) values ($1, current_area($2)) on conflict do nothing",
            )
            .bind(self.case)
            .bind(self.area)
            .execute(&mut *self.connection)
            .await?;
            statement(self.case).execute(&mut *self.connection).await?;
        }
        Ok(())
    }

    /// Registers the case. What was told of it before, because its registration was parked, stays.
    pub(crate) async fn registered(
        &mut self,
        area: &str,
        category: &str,
        accept_due_at: Option<Timestamp>,
    ) -> Result<(), Failure> {
        let day = instants::day(self.at);
        sqlx::query(
            "insert into cases (case_id, area_code, category_code, registered_at, day, accept_due_at)
             values ($1, current_area($2), $3, $4, $5, $6)
             on conflict (case_id) do update set area_code = excluded.area_code, category_code = excluded.category_code,
                 registered_at = excluded.registered_at, day = excluded.day, accept_due_at = excluded.accept_due_at",
        )
        .bind(self.case)
        .bind(area)
        .bind(category)
        .bind(self.at.to_sqlx())
        .bind(day.to_sqlx())
        .bind(bound(accept_due_at))
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// A further resident reported it.
    pub(crate) async fn joined(&mut self, reporter_count: i32) -> Result<(), Failure> {
        self.change(|case| {
            sqlx::query("update cases set reporter_count = $2 where case_id = $1")
                .bind(case)
                .bind(reporter_count)
        })
        .await
    }

    /// Accepted; the answer clock runs instead of the first one.
    pub(crate) async fn accepted(
        &mut self,
        answer_due_at: Option<Timestamp>,
        late: bool,
    ) -> Result<(), Failure> {
        let at = self.at.to_sqlx();
        self.change(|case| {
            sqlx::query(
                "update cases set phase = 'handling', accepted_at = $2, accepted_late = $3, answer_due_at = $4,
                 overdue = false where case_id = $1",
            )
            .bind(case)
            .bind(at)
            .bind(late)
            .bind(bound(answer_due_at))
        })
        .await
    }

    /// The three parties sit together, or have risen.
    pub(crate) async fn consulting(&mut self, sits: bool) -> Result<(), Failure> {
        let phase = if sits { "consulting" } else { "handling" };
        self.change(|case| {
            sqlx::query("update cases set phase = $2 where case_id = $1").bind(case).bind(phase)
        })
        .await
    }

    /// Stands on another rung.
    pub(crate) async fn climbed(&mut self, rung: &'static str) -> Result<(), Failure> {
        self.change(|case| sqlx::query("update cases set rung = $2 where case_id = $1").bind(case).bind(rung))
            .await
    }

    /// The handling side was reminded.
    pub(crate) async fn reminded(&mut self) -> Result<(), Failure> {
        self.change(|case| {
            sqlx::query("update cases set reminded = reminded + 1 where case_id = $1").bind(case)
        })
        .await
    }

    /// The clock for accepting ran out.
    pub(crate) async fn accept_overdue(&mut self) -> Result<(), Failure> {
        self.change(|case| {
            sqlx::query(
                "update cases set accept_overdue = true, overdue = overdue or phase = 'registered' where case_id = $1",
            )
            .bind(case)
        })
        .await
    }

    /// The clock for answering ran out.
    pub(crate) async fn answer_overdue(&mut self) -> Result<(), Failure> {
        self.change(|case| {
            sqlx::query(
                "update cases set overdue = overdue or phase in ('handling', 'consulting', 'whistled') where case_id = $1",
            )
            .bind(case)
        })
        .await
    }

    /// Declared done.
    pub(crate) async fn settled(
        &mut self,
        round: i32,
        late: bool,
        rung: &'static str,
    ) -> Result<(), Failure> {
        let at = self.at.to_sqlx();
        self.change(|case| {
            sqlx::query(
                "update cases set phase = 'settled', settled_at = $2, settled_late = $3, round = $4, rung = $5,
                 overdue = false where case_id = $1",
            )
            .bind(case)
            .bind(at)
            .bind(late)
            .bind(round)
            .bind(rung)
        })
        .await
    }

    /// Was not done after all, by the verification.
    pub(crate) async fn sent_back(
        &mut self,
        round: i32,
        answer_due_at: Option<Timestamp>,
    ) -> Result<(), Failure> {
        self.change(|case| {
            sqlx::query(
                "update cases set phase = 'handling', settled_at = null, settled_late = null, overdue = false,
                 sent_back = sent_back + 1, round = $2, answer_due_at = $3 where case_id = $1",
            )
            .bind(case)
            .bind(round)
            .bind(bound(answer_due_at))
        })
        .await
    }

    /// Was not done after all, by a reporter's judgement.
    pub(crate) async fn reopened(
        &mut self,
        round: i32,
        answer_due_at: Option<Timestamp>,
    ) -> Result<(), Failure> {
        self.change(|case| {
            sqlx::query(
                "update cases set phase = 'handling', settled_at = null, settled_late = null, verified_at = null,
                 overdue = false, reopened = reopened + 1, round = $2, answer_due_at = $3 where case_id = $1",
            )
            .bind(case)
            .bind(round)
            .bind(bound(answer_due_at))
        })
        .await
    }

    /// Confirmed on the spot; reporters are visited.
    pub(crate) async fn verified(&mut self, reporter_count: i32) -> Result<(), Failure> {
        let at = self.at.to_sqlx();
        self.change(|case| {
            sqlx::query(
                "update cases set phase = 'following_up', verified_at = $2, reporter_count = $3 where case_id = $1",
            )
            .bind(case)
            .bind(at)
            .bind(reporter_count)
        })
        .await
    }

    /// Judged by a reporter. A second judgement of the same reporter in the same round replaces the first.
    pub(crate) async fn rated(
        &mut self,
        round: i32,
        reporter: i32,
        judgement: Judgement,
    ) -> Result<(), Failure> {
        sqlx::query(
            "insert into ratings (case_id, round, reporter, rating, rated_at) values ($1, $2, $3, $4, $5)
             on conflict (case_id, round, reporter) do update set rating = excluded.rating, rated_at = excluded.rated_at",
        )
        .bind(self.case)
        .bind(round)
        .bind(reporter)
        .bind(judgement.as_str())
        .bind(self.at.to_sqlx())
        .execute(&mut *self.connection)
        .await?;
        self.change(|case| {
            sqlx::query(
                "update cases set (rated, satisfied, not_reached) = (
                     select count(*) filter (where rating <> 'not_reached'),
                            count(*) filter (where rating in ('satisfied', 'fairly_satisfied')),
                            count(*) filter (where rating = 'not_reached')
                     from ratings where case_id = $1)
                 where case_id = $1",
            )
            .bind(case)
        })
        .await
    }

    /// Closed after the last visit.
    pub(crate) async fn closed(&mut self) -> Result<(), Failure> {
        let at = self.at.to_sqlx();
        self.change(|case| {
            sqlx::query("update cases set phase = 'closed', closed_at = $2 where case_id = $1")
                .bind(case)
                .bind(at)
        })
        .await
    }

    /// Should never have been a case.
    pub(crate) async fn voided(&mut self) -> Result<(), Failure> {
        let at = self.at.to_sqlx();
        self.change(|case| {
            sqlx::query("update cases set phase = 'void', voided_at = $2, overdue = false where case_id = $1")
                .bind(case)
                .bind(at)
        })
        .await
    }

    /// A suspension is asked for, or was refused.
    pub(crate) async fn suspension_asked(&mut self, asked: bool) -> Result<(), Failure> {
        self.change(|case| {
            sqlx::query("update cases set suspension_asked = $2 where case_id = $1").bind(case).bind(asked)
        })
        .await
    }

    /// The clocks stand still.
    pub(crate) async fn suspended(&mut self, until_at: Option<Timestamp>) -> Result<(), Failure> {
        self.change(|case| {
            sqlx::query("update cases set suspension_asked = false, suspended_until = $2 where case_id = $1")
                .bind(case)
                .bind(bound(until_at))
        })
        .await
    }

    /// The clocks run again. A case is overdue no longer when the suspension gave it a limit that has not come.
    pub(crate) async fn resumed(&mut self, answer_due_at: Option<Timestamp>) -> Result<(), Failure> {
        let at = self.at.to_sqlx();
        self.change(|case| {
            sqlx::query(
                "update cases set suspended_until = null, answer_due_at = coalesce($2, answer_due_at),
                 overdue = overdue and not coalesce($2 > $3, false) where case_id = $1",
            )
            .bind(case)
            .bind(bound(answer_due_at))
            .bind(at)
        })
        .await
    }

    /// A whistle is open on it. Told once per called department; the repeats change nothing.
    pub(crate) async fn whistled(&mut self, whistle: Uuid) -> Result<(), Failure> {
        self.change(|case| {
            sqlx::query("update cases set phase = 'whistled', whistle_id = $2 where case_id = $1")
                .bind(case)
                .bind(whistle)
        })
        .await
    }

    /// The whistle on it is no longer open: accepted or withdrawn.
    pub(crate) async fn whistle_ended(&mut self, whistle: Uuid) -> Result<(), Failure> {
        self.change(|case| {
            sqlx::query(
                "update cases set whistle_id = nullif(whistle_id, $2),
                 phase = case when phase = 'whistled' and whistle_id = $2 then 'handling' else phase end
                 where case_id = $1",
            )
            .bind(case)
            .bind(whistle)
        })
        .await
    }
}

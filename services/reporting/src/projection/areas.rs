//! Areas by code: their names, and where their cases go when a code changes.

use gongzhi_chassis::status::Failure;
use sqlx::PgConnection;

/// The row of one division.
pub(crate) struct AreaRow<'a> {
    /// Where to write.
    pub(crate) connection: &'a mut PgConnection,
    /// Its code.
    pub(crate) code: &'a str,
}

impl AreaRow<'_> {
    /// Lists a division. Its code means itself again, whatever it meant before.
    pub(crate) async fn listed(&mut self, name: &str) -> Result<(), Failure> {
        sqlx::query(
            "with again as (delete from recodings where former = $1)
             insert into areas (area_code, name) values ($1, $2)
             on conflict (area_code) do update set name = excluded.name, abolished = false",
        )
        .bind(self.code)
        .bind(name)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Gives a division another name.
    pub(crate) async fn renamed(&mut self, name: &str) -> Result<(), Failure> {
        sqlx::query(
            "insert into areas (area_code, name) values ($1, $2)
             on conflict (area_code) do update set name = excluded.name",
        )
        .bind(self.code)
        .bind(name)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Marks a division as gone; its cases stay where they were.
    pub(crate) async fn abolished(&mut self) -> Result<(), Failure> {
        sqlx::query("update areas set abolished = true where area_code = $1")
            .bind(self.code)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// Moves a division and what is counted in it to its new code. Divisions below it that are known get facts of their own, so what lies in one of
    /// them stays until then.
    pub(crate) async fn recoded(&mut self, former: &str, name: &str) -> Result<(), Failure> {
        sqlx::query("delete from areas where area_code = $1")
            .bind(former)
            .execute(&mut *self.connection)
            .await?;
        self.listed(name).await?;
        sqlx::query(
            "with earlier as (update recodings set area_code = $2 where area_code = $1)
             insert into recodings (former, area_code) values ($1, $2)
             on conflict (former) do update set area_code = excluded.area_code",
        )
        .bind(former)
        .bind(self.code)
        .execute(&mut *self.connection)
        .await?;
        for statement in [
            "update cases r set area_code = $2 || substr(area_code, length($1) + 1)
             where area_code >= $1 and area_code < $1 || ':' and not exists (
                 select 1 from areas a where starts_with(r.area_code, a.area_code)
                 and a.area_code > $1 and a.area_code < $1 || ':' and not a.abolished)",
            "update happenings r set area_code = $2 || substr(area_code, length($1) + 1),
                 community = left($2 || substr(area_code, length($1) + 1), 12)
             where area_code >= $1 and area_code < $1 || ':' and not exists (
                 select 1 from areas a where starts_with(r.area_code, a.area_code)
                 and a.area_code > $1 and a.area_code < $1 || ':' and not a.abolished)",
        ] {
            sqlx::query(statement).bind(former).bind(self.code).execute(&mut *self.connection).await?;
        }
        Ok(())
    }
}

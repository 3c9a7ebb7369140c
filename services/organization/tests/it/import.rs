//! Files of divisions taken into the register: whole or not at all, once, and told where they concern the district.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::time::{Duration, Instant};

use anyhow::Result;
use gongzhi_chassis::execute::Writer;
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::history;
use gongzhi_chassis::status::Failure;
use gongzhi_harness::Bench;
use gongzhi_organization::division::{Unclear, Unreadable};
use gongzhi_organization::import::{self, Effect, ImportFailure, Order, Outcome, Run};
use gongzhi_organization::{MIGRATIONS, NAME};
use gongzhi_proto::ids::AreaCode;
use sqlx::PgPool;

use crate::bench::told;
use crate::shared;

/// A register, and what is done with it. No relay runs, so the outbox keeps every fact.
struct Register {
    /// Keeps the database.
    _bench: Bench,
    writer: Writer,
}

impl Register {
    async fn empty() -> Result<Self> {
        let bench = Bench::new().await?;
        bench.migrate(NAME, &MIGRATIONS).await?;
        Ok(Self { writer: bench.context.writer(NAME).await?, _bench: bench })
    }

    fn pool(&self) -> &PgPool {
        self.writer.pool()
    }

    /// Takes a file with a key of its own.
    async fn take(
        &self,
        source: impl Read + Send + 'static,
        run: Run,
        unclear: Unclear,
    ) -> Result<Outcome, ImportFailure> {
        let key = self.writer.clock().new_id().to_string();
        self.take_with_key(source, run, unclear, key).await
    }

    async fn take_with_key(
        &self,
        source: impl Read + Send + 'static,
        run: Run,
        unclear: Unclear,
        key: String,
    ) -> Result<Outcome, ImportFailure> {
        let district = AreaCode::parse("330105").expect("a district");
        let order = Order { district, run, unclear };
        import::divisions(&self.writer, &Admission::system(NAME, key), source, &order, |_| {}).await
    }

    async fn rows(&self) -> Result<Vec<(String, String)>> {
        Ok(sqlx::query_as("select area_code, name from divisions order by area_code")
            .fetch_all(self.pool())
            .await?)
    }

    /// How many facts of each kind were told.
    async fn told(&self) -> Result<BTreeMap<String, usize>> {
        let mut told_by_name = BTreeMap::new();
        for line in told(self.pool()).await? {
            let name = line.split('.').nth(3).unwrap_or_default().to_owned();
            *told_by_name.entry(name).or_default() += 1;
        }
        Ok(told_by_name)
    }
}

fn file(rows: &str) -> Cursor<Vec<u8>> {
    Cursor::new(format!("code,parent_code,name,level,estate_type\n{rows}").into_bytes())
}

const BEFORE: &str = "\
330105000000,330100000000,拱墅区,district,
330105001000,330105000000,米市巷街道,subdistrict,
330105001052,330105001000,米市社区,community,
330105001053,330105001000,红石板社区,community,
330105001052001,330105001052,米市新村,estate,老旧小区
330106000000,330100000000,西湖区,district,
330106001000,330106000000,北山街道,subdistrict,
";

/// 米市社区 has another code, its estate (which this file does not list) with it; 红石板社区 has another name; a community ceased before it was known.
const AFTER: &str = "\
330105000000,330100000000,拱墅区,district,
330105001000,330105000000,米市巷街道,subdistrict,
330105001062,330105001000,米市社区,community,
330105001053,330105001000,大塘社区,community,
330106000000,330100000000,西湖区,district,
330106001000,330106000000,北山路街道,subdistrict,
";

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_changes_nothing_and_a_repeat_neither() -> Result<()> {
    let register = Register::empty().await?;
    let dry = register.take(file(BEFORE), Run::Dry, Unclear::Refuse).await?;
    assert_eq!((dry.effect, dry.counts.new), (Effect::OnlyLooked, 7));
    assert_eq!((register.rows().await?.len(), register.told().await?.len()), (0, 0));

    let first = register.take_with_key(file(BEFORE), Run::Real, Unclear::Refuse, "monday".into()).await?;
    assert_eq!((first.effect, first.counts), (Effect::Changed, dry.counts));
    let told = register.told().await?;
    assert_eq!(told, BTreeMap::from([("division_listed".into(), 5)]), "of the district only");

    let again = register.take(file(BEFORE), Run::Real, Unclear::Refuse).await?;
    assert_eq!((again.effect, again.counts.unchanged), (Effect::NothingToChange, 7));
    assert_eq!(again.digest, first.digest);
    let other = register.take_with_key(file(AFTER), Run::Real, Unclear::Refuse, "monday".into()).await?;
    assert_eq!(other.effect, Effect::DoneBefore, "a key is for one intent");
    assert_eq!(register.told().await?, told);
    assert_eq!(register.rows().await?.len(), 7);
    // One event for the file, one for the changes.
    assert_eq!(history::verify(register.pool()).await?, (2, vec![]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_in_the_district_is_told_and_former_codes_lead_on() -> Result<()> {
    let register = Register::empty().await?;
    register.take(file(BEFORE), Run::Real, Unclear::Refuse).await?;
    sqlx::query("delete from outbox").execute(register.pool()).await?;
    let outcome = register.take(file(AFTER), Run::Real, Unclear::Refuse).await?;
    let counts = outcome.counts;
    assert_eq!((counts.recoded, counts.renamed, counts.new, counts.gone), (2, 2, 0, 0), "{:?}", outcome.diff);
    let told = told(register.pool()).await?;
    assert_eq!(
        told,
        [
            "001.062.organization.division_recoded.all {\"areaCode\":\"330105001062\",\"formerAreaCode\":\"330105001052\",\"name\":\"米市社区\"}",
            "001.062.organization.division_recoded.all {\"areaCode\":\"330105001062001\",\"formerAreaCode\":\"330105001052001\",\"name\":\"米市新村\"}",
            "001.053.organization.division_renamed.all {\"areaCode\":\"330105001053\",\"name\":\"大塘社区\"}",
        ],
        "nothing of another district"
    );
    let estate: (String, Option<String>) =
        sqlx::query_as("select area_code, estate_type from divisions where level = 6")
            .fetch_one(register.pool())
            .await?;
    assert_eq!(
        estate,
        ("330105001062001".into(), Some("old".into())),
        "it moved along and is still what it was"
    );

    // Once more, to a third code: the first one leads to the third.
    let third = AFTER.replace("330105001062", "330105001072");
    register.take(file(&third), Run::Real, Unclear::Refuse).await?;
    let former: Vec<(String, String)> =
        sqlx::query_as("select former, current from former_codes where length(former) = 12 order by former")
            .fetch_all(register.pool())
            .await?;
    let lead = |from: &str| (from.to_owned(), "330105001072".to_owned());
    assert_eq!(former, [lead("330105001052"), lead("330105001062")]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_or_unclear_file_changes_nothing() -> Result<()> {
    let register = Register::empty().await?;
    register.take(file(BEFORE), Run::Real, Unclear::Refuse).await?;
    let before = (register.rows().await?, register.told().await?);
    let broken = AFTER.replace("330105001053,330105001000", "330105001053,330105009000");
    let failure = register.take(file(&broken), Run::Real, Unclear::Refuse).await.unwrap_err();
    assert!(
        matches!(&failure, ImportFailure::Unreadable(Unreadable::Wrong(wrong)) if wrong.total() == 1),
        "{failure}"
    );

    // Two communities of one name vanish and two appear: nobody can say which is which.
    let twins = "\
330105000000,330100000000,拱墅区,district,
330105001000,330105000000,米市巷街道,subdistrict,
330105001071,330105001000,米市社区,community,
330105001072,330105001000,米市社区,community,
";
    let failure = register.take(file(twins), Run::Real, Unclear::Refuse).await.unwrap_err();
    assert!(
        matches!(failure, ImportFailure::Failure(Failure::Refused { reason: "AMBIGUOUS_DIVISIONS", .. })),
        "{failure:?}"
    );
    assert_eq!((register.rows().await?, register.told().await?), before);

    let looked = register.take(file(twins), Run::Dry, Unclear::Refuse).await?;
    assert_eq!((looked.effect, looked.counts.ambiguous), (Effect::OnlyLooked, 1), "a dry run shows it");
    register.take(file(twins), Run::Real, Unclear::AsGoneAndNew).await?;
    let codes: Vec<String> = register.rows().await?.into_iter().map(|(code, _)| code).collect();
    assert!(!codes.contains(&"330105001052".into()) && codes.contains(&"330105001072".into()), "{codes:?}");
    let again = register.take(file(twins), Run::Real, Unclear::Refuse).await?;
    assert_eq!(again.effect, Effect::NothingToChange, "what was settled is settled");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kind_of_an_estate_is_kept_until_a_file_says_otherwise() -> Result<()> {
    let register = Register::empty().await?;
    register.take(file(BEFORE), Run::Real, Unclear::Refuse).await?;
    let silent = BEFORE.replace(",老旧小区", ",");
    assert_eq!(
        register.take(file(&silent), Run::Real, Unclear::Refuse).await?.effect,
        Effect::NothingToChange
    );
    let other = BEFORE.replace("老旧小区", "商品房小区");
    let outcome = register.take(file(&other), Run::Real, Unclear::Refuse).await?;
    assert_eq!((outcome.effect, outcome.counts.retyped), (Effect::Changed, 1));
    let kind: Option<String> = sqlx::query_scalar("select estate_type from divisions where level = 6")
        .fetch_one(register.pool())
        .await?;
    assert_eq!(kind.as_deref(), Some("commercial"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_same_file_twice_at_once_one_changes_the_register() -> Result<()> {
    let register = Register::empty().await?;
    let (one, other) = tokio::join!(
        register.take(file(BEFORE), Run::Real, Unclear::Refuse),
        register.take(file(BEFORE), Run::Real, Unclear::Refuse)
    );
    let mut effects = [one?.effect, other?.effect];
    effects.sort_by_key(|effect| *effect != Effect::Changed);
    assert_eq!(effects, [Effect::Changed, Effect::NothingToChange]);
    assert_eq!(register.told().await?, BTreeMap::from([("division_listed".into(), 5)]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_province_is_imported_in_seconds() -> Result<()> {
    let (Some(first), Some(second)) = (shared("zhejiang_2023.csv"), shared("zhejiang_2023.csv")) else {
        return Ok(());
    };
    let register = Register::empty().await?;
    let since = Instant::now();
    let outcome = register.take(first, Run::Real, Unclear::Refuse).await?;
    let took = since.elapsed();
    eprintln!("{} divisions in {took:?}, not optimized", outcome.counts.new);
    assert_eq!(outcome.counts.new, 27_036);
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert_eq!(register.told().await?, BTreeMap::from([("division_listed".into(), 197)]));
    let again = register.take(second, Run::Real, Unclear::Refuse).await?;
    assert_eq!((again.effect, again.counts.unchanged), (Effect::NothingToChange, 27_036));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_merger_of_xiacheng_into_gongshu_is_carried_out() -> Result<()> {
    let (Some(before), Some(after), Some(again)) =
        (shared("gongshu_xiacheng_2019.csv"), shared("gongshu_2023.csv"), shared("gongshu_2023.csv"))
    else {
        return Ok(());
    };
    let register = Register::empty().await?;
    register.take(before, Run::Real, Unclear::Refuse).await?;
    sqlx::query("delete from outbox").execute(register.pool()).await?;
    let outcome = register.take(after, Run::Real, Unclear::Refuse).await?;
    let counts = outcome.counts;
    assert_eq!((counts.new, counts.recoded, counts.merged, counts.gone), (5, 82, 1, 0));
    let told = register.told().await?;
    let expected = [("division_listed".to_owned(), 5), ("division_recoded".to_owned(), 82)];
    assert_eq!(told, BTreeMap::from(expected), "下城区 was another district; its end is not told here");
    let left: i64 = sqlx::query_scalar("select count(*) from divisions where area_code like '330103%'")
        .fetch_one(register.pool())
        .await?;
    assert_eq!(left, 0);
    let former: i64 =
        sqlx::query_scalar("select count(*) from former_codes").fetch_one(register.pool()).await?;
    assert_eq!(former, 82);
    assert_eq!(register.take(again, Run::Real, Unclear::Refuse).await?.effect, Effect::NothingToChange);
    Ok(())
}

//! The one write path: whole or not at all, once per key, in order, and nothing changed behind its back goes unseen.

use std::sync::Arc;

use anyhow::Result;
use gongzhi_chassis::execute::Target;
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::history;
use gongzhi_chassis::status::Failure;
use gongzhi_harness::Bench;

use crate::tally::{self, Command, SCHEMA, Tally};

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_gets_the_first_answer_and_changes_nothing() -> Result<()> {
    let bench = Bench::new().await?;
    let writer = tally::writer(&bench).await?;
    tally::open(&writer, &bench, "a").await?;
    let first = tally::count(&writer, "a", "key-one").await?;
    tally::count(&writer, "a", "key-two").await?;
    let again = tally::count(&writer, "a", "key-one").await?;
    assert_eq!((again.version, &again.state, &again.events), (first.version, &first.state, &first.events));
    assert_eq!(writer.load::<Tally>("a").await?.unwrap().0.count, 2);
    // The repeat of a creation is answered although the thing exists now; a key that was used for something else is refused.
    assert_eq!(tally::open(&writer, &bench, "a").await?.version, 1);
    let other = Admission::system(SCHEMA, "other");
    assert!(matches!(
        writer
            .execute::<Tally>(
                &other,
                &Arc::new(5),
                Target::Any("a"),
                Command::Open { area: bench.area("001") }
            )
            .await,
        Err(Failure::Refused { reason: "OPEN", .. })
    ));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_lose_nothing() -> Result<()> {
    let bench = Bench::new().await?;
    let writer = tally::writer(&bench).await?;
    let opened: Vec<_> = futures::future::join_all((0..8).map(|_| tally::open(&writer, &bench, "a"))).await;
    assert!(
        opened.iter().all(|done| matches!(done, Ok(done) if done.version == 1)),
        "one creation, eight times the same answer"
    );
    // Each key is sent three times at once: ten counts, thirty answers.
    let keys: Vec<_> = (0..30).map(|nth| format!("count-{}", nth % 10)).collect();
    let counted = futures::future::join_all(keys.iter().map(|key| tally::count(&writer, "a", key))).await;
    for (key, done) in keys.iter().zip(&counted) {
        let done = done.as_ref().unwrap_or_else(|failure| panic!("{key}: {failure:?}"));
        let first = keys.iter().position(|other| other == key).unwrap();
        assert_eq!(done.version, counted[first].as_ref().unwrap().version, "{key}");
    }
    assert_eq!(
        writer.load::<Tally>("a").await?.unwrap(),
        (tally::State { area: bench.area("001052"), count: 10, rings_at: None, rung: 0 }, 11)
    );
    assert_eq!(history::verify(writer.pool()).await?, (11, vec![]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_is_committed_whole_or_not_at_all() -> Result<()> {
    let bench = Bench::new().await?;
    let writer = tally::writer(&bench).await?;
    tally::open(&writer, &bench, "full").await?;
    let mut unit = writer.begin(&Admission::system(SCHEMA, "both")).await?;
    unit.execute::<Tally>(&5, Target::Any("new"), &Command::Open { area: bench.area("001") }).await?;
    unit.execute::<Tally>(&5, Target::Existing("new"), &Command::Count).await?;
    let refused = unit.execute::<Tally>(&0, Target::Existing("full"), &Command::Count).await;
    assert!(matches!(refused, Err(Failure::Refused { reason: "FULL", .. })));
    drop(unit);
    assert!(writer.load::<Tally>("new").await?.is_none());

    let mut unit = writer.begin(&Admission::system(SCHEMA, "both")).await?;
    unit.execute::<Tally>(&5, Target::Any("new"), &Command::Open { area: bench.area("001") }).await?;
    let counted = unit.execute::<Tally>(&5, Target::Existing("new"), &Command::Count).await?;
    unit.execute::<Tally>(&5, Target::Existing("full"), &Command::Count).await?;
    assert!(unit.commit().await?);
    assert_eq!((counted.version, counted.state.count), (2, 1), "a unit sees what it did before");
    assert_eq!(writer.load::<Tally>("new").await?.unwrap().1, 2);
    let missing = tally::count(&writer, "nowhere", "key-none").await;
    assert!(matches!(missing, Err(Failure::NotFound(_))));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_behind_the_back_is_seen() -> Result<()> {
    let bench = Bench::new().await?;
    let writer = tally::writer(&bench).await?;
    tally::open(&writer, &bench, "a").await?;
    for nth in 0..3 {
        tally::count(&writer, "a", &format!("count-{nth}")).await?;
    }
    sqlx::query("update history set actor = 'somebody else' where version = 2")
        .execute(writer.pool())
        .await?;
    let (count, breaks) = history::verify(writer.pool()).await?;
    assert_eq!((count, breaks.iter().map(|found| found.version).collect::<Vec<_>>()), (4, vec![2]));
    sqlx::query("delete from history where version = 2").execute(writer.pool()).await?;
    let (_, breaks) = history::verify(writer.pool()).await?;
    assert_eq!(breaks.iter().map(|found| found.version).collect::<Vec<_>>(), vec![3]);
    Ok(())
}

//! Commands that share a commit: each is told what it would have been told alone.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use anyhow::Result;
use futures::future::{FutureExt, join_all};
use gongzhi_chassis::execute::{DoneOf, Target, Writer};
use gongzhi_chassis::gate::Admission;
use gongzhi_chassis::history;
use gongzhi_chassis::status::Failure;
use gongzhi_harness::{Bench, wait_until};
use sqlx::{PgPool, Postgres, Transaction};
use tokio::task::JoinHandle;

use crate::tally::{self, Command, SCHEMA, Tally};

type Answer = Result<DoneOf<Tally>, Failure>;
type Waiting<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// Both lanes wait for a row that is held here; what is asked meanwhile gathers behind them.
struct Busy {
    held: Transaction<'static, Postgres>,
    before: Vec<JoinHandle<Answer>>,
}

impl Busy {
    async fn new(writer: &Writer, bench: &Bench) -> Result<Self> {
        tally::open(writer, bench, "busy").await?;
        let mut held = writer.pool().begin().await?;
        sqlx::query("select 1 from aggregates where id = 'busy' for update").execute(&mut *held).await?;
        let mut before = Vec::new();
        for lane in 1..=2_i64 {
            let writer = writer.clone();
            let pool = writer.pool().clone();
            let count = async move { tally::count(&writer, "busy", &format!("busy-{lane}")).await };
            before.push(tokio::spawn(count));
            wait_until("so many lanes wait", || blocked(&pool, lane)).await?;
        }
        Ok(Self { held, before })
    }

    /// Lets the lanes go on, and with them all that gathered.
    async fn over(self, gathered: Vec<Waiting<'_>>) -> Result<Vec<Answer>> {
        let mut gathered = gathered;
        for command in &mut gathered {
            assert!(command.now_or_never().is_none(), "it waits behind the lanes");
        }
        self.held.rollback().await?;
        let answers = join_all(gathered).await;
        for before in self.before {
            before.await??;
        }
        Ok(answers)
    }
}

async fn blocked(pool: &PgPool, expected: i64) -> Result<Result<(), String>> {
    let seen: i64 = sqlx::query_scalar(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
    .fetch_one(pool)
    .await?;
    Ok(if seen == expected { Ok(()) } else { Err(format!("{seen} waiting")) })
}

async fn world(ids: &[&str]) -> Result<(Bench, Writer)> {
    let bench = Bench::new().await?;
    let writer = tally::writer(&bench).await?;
    for id in ids {
        tally::open(&writer, &bench, id).await?;
    }
    Ok((bench, writer))
}

/// How many commits wrote these versions of these tallies.
async fn commits(writer: &Writer, versions: &[(&str, i64)]) -> Result<i64> {
    let (ids, versions): (Vec<_>, Vec<_>) = versions.iter().copied().unzip();
    Ok(sqlx::query_scalar(
        "select count(distinct h.xmin::text) from history h join unnest($1::text[], $2::bigint[]) as w (id, version) using (id, version)",
    )
    .bind(ids)
    .bind(versions)
    .fetch_one(writer.pool())
    .await?)
}

fn version(answer: &Answer) -> i64 {
    answer.as_ref().unwrap_or_else(|failure| panic!("{failure:?}")).version
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_answers_only_the_one_that_is_refused() -> Result<()> {
    let (bench, writer) = world(&["a", "b", "full"]).await?;
    let busy = Busy::new(&writer, &bench).await?;
    let (none, at_most) = (Admission::system(SCHEMA, "count-full"), Arc::new(0));
    let full = writer.execute::<Tally>(&none, &at_most, Target::Existing("full"), Command::Count);
    let answers = busy
        .over(vec![
            Box::pin(tally::count(&writer, "a", "count-a")),
            Box::pin(full),
            Box::pin(tally::count(&writer, "nowhere", "count-nowhere")),
            Box::pin(tally::open(&writer, &bench, "new")),
            Box::pin(tally::count(&writer, "b", "count-b")),
        ])
        .await?;
    assert!(matches!(answers[1], Err(Failure::Refused { reason: "FULL", .. })), "{:?}", answers[1]);
    assert!(matches!(answers[2], Err(Failure::NotFound(_))), "{:?}", answers[2]);
    assert_eq!([0, 3, 4].map(|nth: usize| version(&answers[nth])), [2, 1, 2]);
    assert_eq!(commits(&writer, &[("a", 2), ("new", 1), ("b", 2)]).await?, 1, "they shared one commit");
    assert_eq!(history::verify(writer.pool()).await?, (9, vec![]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_command_sees_what_the_first_did_and_a_repeat_gets_its_answer() -> Result<()> {
    let (bench, writer) = world(&["a"]).await?;
    let busy = Busy::new(&writer, &bench).await?;
    let answers = busy
        .over(vec![
            Box::pin(tally::count(&writer, "a", "first")),
            Box::pin(tally::count(&writer, "a", "first")),
            Box::pin(tally::count(&writer, "a", "second")),
        ])
        .await?;
    assert_eq!(answers.iter().map(version).collect::<Vec<_>>(), [2, 2, 3]);
    assert_eq!(
        commits(&writer, &[("a", 2), ("a", 3)]).await?,
        1,
        "two commands on one tally shared a commit"
    );
    let (state, at) = writer.load::<Tally>("a").await?.unwrap();
    assert_eq!((state.count, at), (2, 3));
    let mut unit = writer.begin(&Admission::system(SCHEMA, "second")).await?;
    assert!(unit.is_repeat(), "each command of a group has an answer of its own");
    let again = unit.execute::<Tally>(&0, Target::Existing("a"), &Command::Count).await?;
    assert_eq!((again.version, again.events.len()), (3, 1));
    assert_eq!(history::verify(writer.pool()).await?, (6, vec![]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_fails_is_done_again_singly() -> Result<()> {
    let (bench, writer) = world(&["a", "bad", "b"]).await?;
    sqlx::raw_sql(
        "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'the disk is full of it'; end $$;
         create trigger refuse before insert on history for each row when (new.id = 'bad') execute function refuse()",
    )
    .execute(writer.pool())
    .await?;
    let busy = Busy::new(&writer, &bench).await?;
    let answers = busy
        .over(vec![
            Box::pin(tally::count(&writer, "a", "count-a")),
            Box::pin(tally::count(&writer, "bad", "count-bad")),
            Box::pin(tally::count(&writer, "b", "count-b")),
        ])
        .await?;
    assert_eq!((version(&answers[0]), version(&answers[2])), (2, 2));
    assert!(matches!(answers[1], Err(Failure::Database(_))), "{:?}", answers[1]);
    assert_eq!(commits(&writer, &[("a", 2), ("b", 2)]).await?, 2, "each had a commit of its own");
    assert_eq!(history::verify(writer.pool()).await?, (8, vec![]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_leaves_stops_nobody() -> Result<()> {
    let (bench, writer) = world(&["a", "b"]).await?;
    let busy = Busy::new(&writer, &bench).await?;
    for waiting in &busy.before {
        waiting.abort();
    }
    let mut left: Waiting<'_> = Box::pin(tally::count(&writer, "a", "left"));
    assert!(left.as_mut().now_or_never().is_none());
    drop(left);
    let Busy { held, .. } = busy;
    let answers =
        Busy { held, before: Vec::new() }.over(vec![Box::pin(tally::count(&writer, "b", "stays"))]).await?;
    assert_eq!(version(&answers[0]), 2);
    let counts = || async {
        let busy = writer.load::<Tally>("busy").await?.unwrap().0.count;
        Ok(if busy == 2 { Ok(()) } else { Err(format!("{busy}")) })
    };
    wait_until("what was begun is done", counts).await?;
    assert_eq!(writer.load::<Tally>("a").await?.unwrap().0.count, 0, "what was not begun is let go");
    Ok(())
}

//! Several processes that start at the same time on a record that is new.

use std::time::Duration;

use anyhow::Result;
use gongzhi_deliberation::{MIGRATIONS, NAME};
use gongzhi_harness::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_second_gets_the_secret_that_the_first_has_made() -> Result<()> {
    let bench = Bench::new().await?;
    bench.migrate(NAME, &MIGRATIONS).await?;
    let writer = bench.context.writer(NAME).await?;
    // The first has written its secret and not yet committed: the second began to read before that, and waits.
    let mut first = writer.pool().begin().await?;
    sqlx::query("insert into secrets (id, hex) values (1, 'ab')").execute(&mut *first).await?;
    let context = bench.context.clone();
    let second = tokio::spawn(async move { gongzhi_deliberation::service(&context).await.map(drop) });
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!second.is_finished(), "it does not wait for what is being made");
    first.commit().await?;
    second.await??;
    let kept: Vec<String> = sqlx::query_scalar("select hex from secrets").fetch_all(writer.pool()).await?;
    assert_eq!(kept, ["ab"]);
    Ok(())
}

//! Watching a board: at once, within a second of a fact, at a bounded pace, with a beat, across replicas, and to an orderly end.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use gongzhi_harness::Person;
use gongzhi_proto::reporting::v1::{Board, WatchBoardRequest, WatchBoardResponse};
use tonic::Streaming;

use crate::town::{Town, client};

const LANE: &str = "fire.lane.obstructed";

async fn watch(town: &Town, person: &Person, area: &str) -> Result<Streaming<WatchBoardResponse>> {
    let request = WatchBoardRequest { area_code: town.bench.area(area).to_string() };
    Ok(client(person).watch_board(request).await?.into_inner())
}

/// The next board; beats are passed over.
async fn next(stream: &mut Streaming<WatchBoardResponse>) -> Result<Board> {
    loop {
        let answer = tokio::time::timeout(Duration::from_secs(20), stream.message()).await??;
        if let Some(board) = answer.context("the stream ended")?.board {
            return Ok(board);
        }
    }
}

fn registered(board: &Board) -> i64 {
    board.totals.as_ref().expect("a board has totals").registered
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_sent_within_a_second_and_what_happens_elsewhere_is_not() -> Result<()> {
    let mut town = Town::served().await?;
    let officer = town.bench.person("POST_SUB_DISTRICT_DUTY_OFFICER", &town.bench.area("001"));
    let mut stream = watch(&town, &officer, "001").await?;
    assert_eq!(registered(&next(&mut stream).await?), 0, "the board comes at once");
    // Other sub-districts are told of first; the days of the board appear with the first fact of all, nothing else changes with them.
    town.tell([town.registered("001052", "one", LANE)]).await?;
    let since = Instant::now();
    assert_eq!(registered(&next(&mut stream).await?), 1);
    assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
    for nth in 0..5 {
        town.tell([town.registered("002051", &format!("elsewhere {nth}"), LANE)]).await?;
        town.heard().await?;
    }
    town.tell([town.registered("001052", "two", LANE)]).await?;
    assert_eq!(registered(&next(&mut stream).await?), 2, "the next board is that of the next change here");

    let request = WatchBoardRequest { area_code: town.bench.area("002").to_string() };
    let refusal = client(&officer).watch_board(request).await.unwrap_err();
    assert_eq!(refusal.code(), tonic::Code::PermissionDenied);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn many_changes_are_sent_at_most_four_times_a_second_and_the_last_is_never_missed() -> Result<()> {
    let mut town = Town::served().await?;
    let person = town.officer_of_all();
    let mut streams = [watch(&town, &person, "001").await?, watch(&town, &person, "001").await?];
    for stream in &mut streams {
        next(stream).await?;
    }
    let since = Instant::now();
    for nth in 0..60 {
        town.tell([town.registered("001052", &format!("{nth}"), LANE)]).await?;
    }
    for stream in &mut streams {
        let mut sent = 1;
        while registered(&next(stream).await?) < 60 {
            sent += 1;
        }
        let most = since.elapsed().as_millis() / 250 + 1;
        assert!(sent <= most, "{sent} boards in {:?}", since.elapsed());
    }
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_beat_comes_when_nothing_happens_and_stopping_ends_the_stream() -> Result<()> {
    let town = Town::served().await?;
    let person = town.officer_of_all();
    let mut stream = watch(&town, &person, "").await?;
    next(&mut stream).await?;
    let since = Instant::now();
    let beat = tokio::time::timeout(Duration::from_secs(20), stream.message()).await??;
    assert_eq!(beat, Some(WatchBoardResponse { board: None }));
    assert!(since.elapsed() > Duration::from_secs(14), "{:?}", since.elapsed());
    // Somebody still watches; the server ends in order all the same, and says so to who watches.
    town.bench.stop().await?;
    assert!(matches!(stream.message().await, Ok(None)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_replica_consumed_is_sent_too() -> Result<()> {
    let mut town = Town::new().await?;
    // The other replica has the lease before this one starts.
    let (stop, consumer) = town.consumer()?;
    town.tell([town.registered("001052", "one", LANE)]).await?;
    town.heard().await?;
    town.bench.serve(vec![gongzhi_reporting::service(&town.bench.context).await?]).await?;
    let person = town.officer_of_all();
    let mut stream = watch(&town, &person, "").await?;
    assert_eq!(registered(&next(&mut stream).await?), 1);
    let since = Instant::now();
    town.tell([town.registered("001052", "two", LANE)]).await?;
    assert_eq!(registered(&next(&mut stream).await?), 2);
    assert!(since.elapsed() < Duration::from_secs(3), "{:?}", since.elapsed());
    stop.cancel();
    consumer.await?;
    town.bench.stop().await
}

//! A ballot while the process is killed: every vote that somebody was told is taken counts, once, and no other does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use gongzhi_chassis::clock::Clock;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::agenda_service_client::AgendaServiceClient;
use gongzhi_proto::deliberation::v1::ballot_service_client::BallotServiceClient;
use gongzhi_proto::deliberation::v1::topic_service_client::TopicServiceClient;
use gongzhi_proto::ids::AreaCode;
use gongzhi_proto::time::to_wire;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::task::JoinSet;

use super::ground::Ground;
use super::patience::until_answered;
use super::{Chance, seed};

/// Electors of the ballot, and clients that cast their votes.
const ELECTORS: usize = 600;
const CLIENTS: usize = 6;
/// How often the process is killed at least, and how many votes it has taken at least by then.
const KILLS: usize = 8;

/// A ballot that opened fourteen days ago and is open still; the community did everything in time, with a clock of that time.
async fn open_ballot(ground: &Ground, community: &AreaCode) -> Result<(String, Vec<String>)> {
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let now = Timestamp::now();
    let clock = Clock::starting_at(now - days(30));
    let serving = ground.serve_with(&clock).await?;
    let worker =
        ground.person_at((serving.address, clock.now()), "POST_COMMUNITY_WORKER", community, None)?;
    let propose = pb::ProposeTopicRequest {
        area_code: community.to_string(),
        title: "加装门禁".into(),
        question: "是否在小区大门加装门禁?".into(),
        category_code: "fire.lane.obstructed".into(),
    };
    let topic = TopicServiceClient::new(worker.calls()).propose_topic(propose).await?.into_inner().topic;
    let draw_up = pb::DrawUpAgendaRequest {
        area_code: community.to_string(),
        title: "居民会议".into(),
        meets_at: Some(to_wire(now + days(1))),
        places: 1,
        lot_source: "公开摇号".into(),
    };
    let agenda = AgendaServiceClient::new(worker.calls()).draw_up_agenda(draw_up).await?.into_inner().agenda;
    let publish = pb::PublishAgendaRequest { agenda_id: agenda.context("an agenda")?.agenda_id };
    AgendaServiceClient::new(worker.calls()).publish_agenda(publish).await?;
    let prepare = pb::PrepareBallotRequest {
        topic_id: topic.context("a topic")?.topic_id,
        question: "是否同意加装门禁?".into(),
        body: pb::Body::Residents as i32,
        matter: 0,
        secrecy: pb::Secrecy::Open as i32,
        opens_at: Some(to_wire(now - days(14))),
        closes_at: Some(to_wire(now + days(1))),
    };
    let mut calls = BallotServiceClient::new(worker.calls());
    let ballot_id = calls.prepare_ballot(prepare).await?.into_inner().ballot.context("a ballot")?.ballot_id;
    let electors = vec![pb::Elector::default(); ELECTORS];
    let enter = pb::EnterElectorsRequest { ballot_id: ballot_id.clone(), first_number: 1, electors };
    BallotServiceClient::new(worker.calls()).enter_electors(enter).await?;
    let publish = pb::PublishBallotRequest { ballot_id: ballot_id.clone() };
    BallotServiceClient::new(worker.calls()).publish_ballot(publish).await?;
    let print = pb::PrintSlipsRequest { ballot_id: ballot_id.clone() };
    let codes = BallotServiceClient::new(worker.calls()).print_slips(print).await?.into_inner().codes;
    ensure!(serving.stop().await, "what was done before did not end in time");
    Ok((ballot_id, codes))
}

/// What a number votes: known from the number, so that a vote of another is seen.
fn vote_of(number: usize) -> pb::Choice {
    match number % 3 {
        0 => pb::Choice::For,
        1 => pb::Choice::Against,
        _ => pb::Choice::Abstain,
    }
}

/// Casts every n-th vote and repeats each until it is answered; gives how many calls were cut off.
async fn casts(
    ground: Arc<Ground>,
    ballot_id: String,
    codes: Vec<(usize, String)>,
    taken: Arc<AtomicUsize>,
) -> Result<usize> {
    let channel = ground.channel()?;
    let mut repeats = 0;
    for (number, code) in codes {
        let request =
            pb::CastVoteRequest { ballot_id: ballot_id.clone(), code, choice: vote_of(number) as i32 };
        until_answered("a vote", &mut repeats, |_| {
            let (mut calls, request) = (BallotServiceClient::new(channel.clone()), request.clone());
            async move { calls.cast_vote(request).await }
        })
        .await?;
        taken.fetch_add(1, Ordering::SeqCst);
    }
    Ok(repeats)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_vote_that_was_taken_counts_once_however_often_the_process_dies() -> Result<()> {
    let seed = seed()?;
    println!("OUTAGE_SEED={seed}");
    let mut chance = Chance(seed);
    let ground = Arc::new(Ground::lay_for_deliberation(&mut chance).await?);
    let community = AreaCode::parse(&format!("{}001052", ground.context.bus.district()))?;
    let (ballot_id, codes) = open_ballot(&ground, &community).await?;
    let taken = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let own = codes.iter().cloned().enumerate().skip(client).step_by(CLIENTS).collect();
        clients.spawn(casts(ground.clone(), ballot_id.clone(), own, taken.clone()));
    }
    let mut kills = 0;
    while kills < KILLS || taken.load(Ordering::SeqCst) < ELECTORS / 2 {
        let point = ["execute.before_commit", "execute.after_commit"][kills % 2];
        let serving = ground.serve((kills % 3 == 2).then(|| format!("{point}:9")).as_deref())?;
        if kills % 3 == 2 {
            // Where everybody has voted already nothing is committed any more at which it could abort.
            if taken.load(Ordering::SeqCst) == ELECTORS {
                serving.kill().await
            } else {
                serving.aborts().await
            }?;
        } else {
            tokio::time::sleep(Duration::from_millis(chance.between(400, 900))).await;
            serving.kill().await?;
        }
        kills += 1;
        ground.leases_run_out().await?;
    }
    // The count dies with its commit as well, once before and once after it.
    let finish = ground.serve(None)?;
    let mut repeats = 0;
    while let Some(client) = clients.join_next().await {
        repeats += client??;
    }
    finish.kill().await?;
    let secretary = ground.person("POST_COMMUNITY_SECRETARY", &community, None)?;
    let counting = tokio::spawn(close(secretary, ballot_id.clone()));
    for point in ["execute.before_commit:1", "execute.after_commit:1"] {
        ground.leases_run_out().await?;
        ground.serve(Some(point))?.aborts().await?;
    }
    ground.leases_run_out().await?;
    let last = ground.serve(None)?;
    let closed = counting.await??;

    let record = record(&ground, &ballot_id).await?;
    let electors = record["electors"].as_array().context("electors")?;
    for (number, elector) in electors.iter().enumerate() {
        let wanted = match vote_of(number) {
            pb::Choice::For => "for",
            pb::Choice::Against => "against",
            _ => "abstain",
        };
        ensure!(elector["choice"] == wanted, "number {} has {elector}, and voted {wanted}", number + 1);
    }
    let count = closed.count.context("a count")?;
    println!("kills {kills} and 2 of the count, {ELECTORS} votes, {repeats} calls cut off");
    assert_eq!(count.part_heads, ELECTORS as i64);
    assert_eq!((count.for_heads, count.against_heads), (200, 200));
    assert!(repeats > 0, "no call was cut off");
    let counted: i64 = sqlx::query_scalar(
        "select count(*) from history where kind = 'ballot' and id = $1 and event::text like '%\"closed\"%'",
    )
    .bind(&ballot_id)
    .fetch_one(ground.record("deliberation").pool())
    .await?;
    assert_eq!(counted, 1, "it was counted once");
    last.kill().await?;
    Arc::into_inner(ground).context("somebody still calls")?.clear().await
}

async fn close(secretary: gongzhi_chassis::client::Session, ballot_id: String) -> Result<pb::Ballot> {
    let mut repeats = 0;
    let answer = until_answered("the count", &mut repeats, |key| {
        let mut calls = BallotServiceClient::new(secretary.calls_with_key(key));
        let request = pb::CloseBallotRequest { ballot_id: ballot_id.clone() };
        async move { calls.close_ballot(request).await }
    })
    .await?;
    answer.ballot.context("a ballot")
}

async fn record(ground: &Ground, ballot_id: &str) -> Result<Value> {
    let mut repeats = 0;
    let channel = ground.channel()?;
    let mut pieces = until_answered("the record", &mut repeats, |_| {
        let mut calls = BallotServiceClient::new(channel.clone());
        let request = pb::ExportBallotRequest { ballot_id: ballot_id.to_owned() };
        async move { calls.export_ballot(request).await }
    })
    .await?;
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.next().await {
        bytes.extend(piece?.piece);
    }
    Ok(serde_json::from_slice(&bytes)?)
}

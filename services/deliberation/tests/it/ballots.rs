//! Ballots: prepared on what was published, cast by slips or entered by two people, counted once, and counted again by a stranger.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use futures::StreamExt;
use gongzhi_harness::Person;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::ballot_service_client::BallotServiceClient;
use gongzhi_proto::time::to_wire;
use jiff::SignedDuration;
use serde_json::Value;
use tonic::Code;

use crate::town::{Town, ballots, fields, reason};

/// A ballot that is asked for.
fn asked(town: &Town, topic_id: &str, body: pb::Body, matter: i32) -> pb::PrepareBallotRequest {
    pb::PrepareBallotRequest {
        topic_id: topic_id.into(),
        question: "是否同意在7幢东侧建电动自行车充电棚?".into(),
        body: body as i32,
        matter,
        secrecy: if body == pb::Body::Owners { pb::Secrecy::Open } else { pb::Secrecy::Secret } as i32,
        opens_at: town.in_days(16),
        closes_at: town.in_days(26),
    }
}

async fn prepared(town: &Town, request: pb::PrepareBallotRequest) -> Result<String> {
    let ballot = ballots(&town.worker).prepare_ballot(request).await?.into_inner().ballot;
    Ok(ballot.context("no ballot")?.ballot_id)
}

async fn enters(
    town: &Town,
    ballot_id: &str,
    first_number: i32,
    electors: Vec<pb::Elector>,
) -> Result<pb::Ballot, tonic::Status> {
    let request = pb::EnterElectorsRequest { ballot_id: ballot_id.into(), first_number, electors };
    let ballot = ballots(&town.worker).enter_electors(request).await?.into_inner().ballot;
    Ok(ballot.unwrap_or_default())
}

async fn publishes(town: &Town, ballot_id: &str) -> Result<pb::Ballot, tonic::Status> {
    let request = pb::PublishBallotRequest { ballot_id: ballot_id.into() };
    Ok(ballots(&town.worker).publish_ballot(request).await?.into_inner().ballot.unwrap_or_default())
}

/// A published ballot whose slips were printed, as it opens.
async fn opened(
    town: &Town,
    body: pb::Body,
    matter: i32,
    electors: Vec<pb::Elector>,
) -> Result<(String, Vec<String>)> {
    let topic = town.proposes("电动自行车充电棚").await?;
    town.publishes_agenda().await?;
    let ballot_id = prepared(town, asked(town, &topic, body, matter)).await?;
    enters(town, &ballot_id, 1, electors).await?;
    publishes(town, &ballot_id).await?;
    let request = pb::PrintSlipsRequest { ballot_id: ballot_id.clone() };
    let codes = ballots(&town.worker).print_slips(request).await?.into_inner().codes;
    town.clock.advance(SignedDuration::from_hours(24 * 16 + 1));
    Ok((ballot_id, codes))
}

async fn casts(town: &Town, ballot_id: &str, code: &str, choice: pb::Choice) -> Result<(), tonic::Status> {
    let request =
        pb::CastVoteRequest { ballot_id: ballot_id.into(), code: code.into(), choice: choice as i32 };
    // Whoever votes has no token.
    BallotServiceClient::new(town.bench.channel()).cast_vote(request).await.map(drop)
}

async fn enters_paper(
    who: &Person,
    ballot_id: &str,
    code: &str,
    choice: pb::Choice,
) -> Result<pb::PaperVoteStatus, tonic::Status> {
    let request =
        pb::EnterPaperVoteRequest { ballot_id: ballot_id.into(), code: code.into(), choice: choice as i32 };
    Ok(ballots(who).enter_paper_vote(request).await?.into_inner().status())
}

async fn closes(town: &Town, ballot_id: &str) -> Result<pb::Ballot, tonic::Status> {
    let request = pb::CloseBallotRequest { ballot_id: ballot_id.into() };
    Ok(ballots(&town.secretary).close_ballot(request).await?.into_inner().ballot.unwrap_or_default())
}

/// The public record, read without a token.
async fn record(town: &Town, ballot_id: &str) -> Result<String> {
    let request = pb::ExportBallotRequest { ballot_id: ballot_id.into() };
    let mut pieces =
        BallotServiceClient::new(town.bench.channel()).export_ballot(request).await?.into_inner();
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.next().await {
        bytes.extend(piece?.piece);
    }
    Ok(String::from_utf8(bytes)?)
}

fn heads(count: usize) -> Vec<pb::Elector> {
    vec![pb::Elector { area: 0, unsold: false }; count]
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_vote_by_area_and_heads_and_a_stranger_counts_again() -> Result<()> {
    let town = Town::new().await?;
    let mut electors: Vec<_> =
        (0..9).map(|nth| pb::Elector { area: 8_000 + 500 * nth, unsold: false }).collect();
    electors.push(pb::Elector { area: 30_000, unsold: true });
    let (ballot, codes) = opened(&town, pb::Body::Owners, 7, electors).await?;
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), 10);
    for code in &codes[..6] {
        casts(&town, &ballot, code, pb::Choice::For).await?;
    }
    // The same again is answered as before, another one is refused.
    casts(&town, &ballot, &codes[0].to_lowercase().replace('-', " "), pb::Choice::For).await?;
    let other = casts(&town, &ballot, &codes[0], pb::Choice::Against).await.unwrap_err();
    assert_eq!(reason(&other), "ALREADY_VOTED");
    casts(&town, &ballot, &codes[6], pb::Choice::Against).await?;
    casts(&town, &ballot, &codes[9], pb::Choice::For).await?;
    assert_eq!(reason(&closes(&town, &ballot).await.unwrap_err()), "STILL_OPEN");
    let unknown = casts(&town, &ballot, "0000-0000-0000", pb::Choice::For).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
    town.clock.advance(SignedDuration::from_hours(24 * 10));
    let late = casts(&town, &ballot, &codes[7], pb::Choice::For).await.unwrap_err();
    assert_eq!(reason(&late), "BALLOT_ENDED");
    let request = pb::CloseBallotRequest { ballot_id: ballot.clone() };
    let denied = ballots(&town.worker).close_ballot(request).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);

    let closed = closes(&town, &ballot).await?;
    let count = closed.count.context("a count")?;
    let for_area = (0..6).map(|nth| 8_000 + 500 * nth).sum::<i64>() + 30_000;
    let wanted = pb::BallotCount {
        total_heads: 10,
        part_heads: 8,
        for_heads: 7,
        against_heads: 1,
        total_area: (0..9).map(|nth| 8_000 + 500 * nth).sum::<i64>() + 30_000,
        part_area: for_area + 11_000,
        for_area,
    };
    assert_eq!(count, wanted);
    assert_eq!(closed.outcome(), pb::BallotOutcome::Adopted);
    assert_eq!(reason(&closes(&town, &ballot).await.unwrap_err()), "BALLOT_CLOSED");

    // A stranger with the record alone.
    let text = record(&town, &ballot).await?;
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, closed.record_sha256);
    let record: Value = serde_json::from_str(&text)?;
    let electors = record["electors"].as_array().context("electors")?;
    let area = |of: &dyn Fn(&Value) -> bool| -> i64 {
        electors.iter().filter(|elector| of(elector)).filter_map(|elector| elector["area"].as_i64()).sum()
    };
    assert_eq!(area(&|elector| elector["choice"] == "for"), count.for_area);
    assert_eq!(area(&|elector| elector.get("choice").is_some()), count.part_area);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_ballot_links_nobody_with_a_choice_and_papers_take_two_people() -> Result<()> {
    let town = Town::new().await?;
    let (ballot, codes) = opened(&town, pb::Body::Residents, 0, heads(12)).await?;
    use pb::Choice::{Against, For};
    use pb::PaperVoteStatus::{Entered, HalfEntered, StruckOut};
    for code in &codes[..5] {
        casts(&town, &ballot, code, For).await?;
    }
    assert_eq!(enters_paper(&town.worker, &ballot, &codes[5], Against).await?, HalfEntered);
    assert_eq!(enters_paper(&town.worker, &ballot, &codes[5], Against).await?, HalfEntered, "one person");
    let cast = casts(&town, &ballot, &codes[5], For).await.unwrap_err();
    assert_eq!(reason(&cast), "PAPER_BEING_ENTERED");
    assert_eq!(enters_paper(&town.second_worker, &ballot, &codes[5], For).await?, StruckOut);
    assert_eq!(enters_paper(&town.worker, &ballot, &codes[5], For).await?, HalfEntered);
    assert_eq!(enters_paper(&town.second_worker, &ballot, &codes[5], For).await?, Entered);
    assert_eq!(enters_paper(&town.worker, &ballot, &codes[6], Against).await?, HalfEntered);
    let over_electronic = enters_paper(&town.worker, &ballot, &codes[0], Against).await.unwrap_err();
    assert_eq!(reason(&over_electronic), "ALREADY_VOTED");
    town.clock.advance(SignedDuration::from_hours(24 * 11));
    assert_eq!(reason(&closes(&town, &ballot).await.unwrap_err()), "HALF_ENTERED");
    // A paper that was given in time is entered after the end.
    assert_eq!(enters_paper(&town.second_worker, &ballot, &codes[6], Against).await?, Entered);
    let closed = closes(&town, &ballot).await?;
    let count = closed.count.context("a count")?;
    assert_eq!((count.total_heads, count.part_heads, count.for_heads, count.against_heads), (12, 7, 6, 1));
    assert_eq!(closed.outcome(), pb::BallotOutcome::Adopted);
    let late = enters_paper(&town.worker, &ballot, &codes[8], For).await.unwrap_err();
    assert_eq!(reason(&late), "BALLOT_ENDED");

    let record: Value = serde_json::from_str(&record(&town, &ballot).await?)?;
    let papers = record["papers"].as_array().context("papers")?;
    assert_eq!(papers.len(), 7);
    assert_eq!(papers.iter().filter(|paper| *paper == "for").count(), 6);
    assert!(record["electors"].as_array().unwrap().iter().all(|elector| elector.get("choice").is_none()));
    // No table says who voted; whoever cast a vote is nobody in its history.
    let pool = town.schema().await?;
    let actors: Vec<String> = sqlx::query_scalar(
        "select distinct actor from history where kind = 'vote' and event::text like '%\"cast\"%'",
    )
    .fetch_all(&pool)
    .await?;
    assert_eq!(actors, [""]);
    let codes_kept: i64 = sqlx::query_scalar("select count(*) from slips where digest = any ($1)")
        .bind(codes.iter().map(|code| code.replace('-', "")).collect::<Vec<_>>())
        .fetch_one(&pool)
        .await?;
    assert_eq!(codes_kept, 0, "codes are kept as digests");

    // Two people sign what they have counted.
    let sign = |digest: &str| pb::SignBallotRecordRequest {
        ballot_id: ballot.clone(),
        record_sha256: digest.into(),
    };
    let wrong = ballots(&town.worker).sign_ballot_record(sign(&"0".repeat(64))).await.unwrap_err();
    assert_eq!(reason(&wrong), "DIGEST_DIFFERS");
    for signer in [&town.worker, &town.worker, &town.second_worker] {
        ballots(signer).sign_ballot_record(sign(&closed.record_sha256)).await?;
    }
    let request = pb::GetBallotRequest { ballot_id: ballot };
    let signed = ballots(&town.worker).get_ballot(request).await?.into_inner().ballot.unwrap();
    assert_eq!(signed.signatures.len(), 2);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_published_long_enough_cannot_be_voted_on() -> Result<()> {
    let town = Town::new().await?;
    let topic = town.proposes("停车收费").await?;
    let ballot = prepared(&town, asked(&town, &topic, pb::Body::Residents, 0)).await?;
    assert_eq!(reason(&publishes(&town, &ballot).await.unwrap_err()), "EMPTY_ROLL");
    enters(&town, &ballot, 1, heads(9)).await?;
    assert_eq!(reason(&publishes(&town, &ballot).await.unwrap_err()), "TOO_FEW_FOR_SECRET");
    let gap = enters(&town, &ballot, 11, heads(1)).await.unwrap_err();
    assert_eq!(reason(&gap), "NOT_THE_NEXT_NUMBER");
    let with_area = enters(&town, &ballot, 10, vec![pb::Elector { area: 1, unsold: false }]).await;
    assert_eq!(reason(&with_area.unwrap_err()), "AREA_MISMATCH");
    enters(&town, &ballot, 10, heads(3)).await?;
    assert_eq!(reason(&publishes(&town, &ballot).await.unwrap_err()), "TOPIC_NOT_PUBLISHED");
    town.publishes_agenda().await?;
    let soon = pb::PrepareBallotRequest {
        opens_at: town.in_days(14),
        closes_at: town.in_days(20),
        ..asked(&town, &topic, pb::Body::Residents, 0)
    };
    let soon = prepared(&town, soon).await?;
    enters(&town, &soon, 1, heads(12)).await?;
    assert_eq!(reason(&publishes(&town, &soon).await.unwrap_err()), "NOTICE_TOO_SHORT");
    assert_eq!(publishes(&town, &ballot).await?.status(), pb::BallotStatus::Published);
    assert_eq!(reason(&enters(&town, &ballot, 13, heads(1)).await.unwrap_err()), "PUBLISHED");
    let request = pb::PrintSlipsRequest { ballot_id: ballot.clone() };
    let mut keyed = BallotServiceClient::new(town.worker.calls_with_key("print"));
    let first = keyed.print_slips(request.clone()).await?.into_inner().codes;
    let again = keyed.print_slips(request.clone()).await?.into_inner().codes;
    assert_eq!(first, again, "a repeat is answered as before");
    let anew = ballots(&town.worker).print_slips(request).await.unwrap_err();
    assert_eq!(reason(&anew), "SLIPS_ALREADY_PRINTED");
    let early = casts(&town, &ballot, &first[0], pb::Choice::For).await.unwrap_err();
    assert_eq!(reason(&early), "NOT_OPEN_YET");
    // Six of twelve are not more than half of all.
    town.clock.advance(SignedDuration::from_hours(24 * 16 + 1));
    for code in &first[..6] {
        casts(&town, &ballot, code, pb::Choice::For).await?;
    }
    town.clock.advance(SignedDuration::from_hours(24 * 10));
    let closed = closes(&town, &ballot).await?;
    assert_eq!(closed.outcome(), pb::BallotOutcome::NoQuorum);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_a_ballot_that_is_wrong_is_named_at_once() -> Result<()> {
    let town = Town::new().await?;
    let wrong = pb::PrepareBallotRequest {
        topic_id: "x".into(),
        question: "?".into(),
        body: pb::Body::Owners as i32,
        matter: 10,
        secrecy: pb::Secrecy::Secret as i32,
        opens_at: Some(to_wire(town.now())),
        closes_at: town.in_days(100),
    };
    let wrong = ballots(&town.worker).prepare_ballot(wrong).await.unwrap_err();
    assert_eq!(fields(&wrong), ["topic_id", "question", "secrecy", "matter", "opens_at", "closes_at"]);
    let request = pb::EnterElectorsRequest {
        ballot_id: String::new(),
        first_number: 0,
        electors: vec![pb::Elector { area: -1, unsold: false }; 2_001],
    };
    let wrong = ballots(&town.worker).enter_electors(request).await.unwrap_err();
    assert_eq!(fields(&wrong)[..4], ["ballot_id", "first_number", "electors", "electors[0].area"]);
    let wrong = casts(&town, "x", "短码", pb::Choice::Unspecified).await.unwrap_err();
    assert_eq!(fields(&wrong), ["ballot_id", "code", "choice"]);
    let topic = town.proposes("停车收费").await?;
    let foreign = town.bench.person("POST_COMMUNITY_WORKER", &town.bench.area("001053"));
    let denied = ballots(&foreign).prepare_ballot(asked(&town, &topic, pb::Body::Residents, 0)).await;
    assert_eq!(denied.unwrap_err().code(), Code::PermissionDenied);
    town.bench.stop().await
}

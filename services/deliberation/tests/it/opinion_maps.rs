//! Opinion maps: drawn of groups and never of people, of nothing that few said, and drawn again by a stranger.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use futures::future::try_join_all;
use gongzhi_choice::opinion;
use gongzhi_proto::deliberation::v1 as pb;
use jiff::SignedDuration;
use serde_json::Value;
use tonic::Status;

use crate::speakers::{closes, judges, map, moderates, next, opened, record, seeds, told};
use crate::town::{Town, reason};

/// What the person of a slip says: two camps that differ about all statements but the last two, and a few who pass.
fn says(person: usize, number: i32) -> pb::Judgement {
    use pb::Judgement::{Agree, Disagree, Pass};
    match (person.is_multiple_of(2), number) {
        (_, 11 | 12) => Agree,
        _ if (person + number as usize).is_multiple_of(11) => Pass,
        (early, ..=5) if early => Agree,
        (early, 6..) if !early => Agree,
        _ => Disagree,
    }
}

/// A conversation with twelve statements.
async fn begun(town: &Town) -> Result<(String, Vec<String>)> {
    let (id, codes) = opened(town, 60).await?;
    for nth in 1..=12 {
        assert_eq!(seeds(town, &id, &format!("第{nth}种办法最公平")).await?, nth);
    }
    Ok((id, codes))
}

/// People from one to another judge all statements.
async fn all_speak(
    town: &Town,
    (id, codes): (&str, &[String]),
    people: std::ops::Range<usize>,
) -> Result<()> {
    let speak = |person: usize| async move {
        for number in 1..=12 {
            judges(town, id, &codes[person], (number, says(person, number))).await?;
        }
        Ok::<_, Status>(())
    };
    try_join_all(people.map(speak)).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_camps_are_seen_with_what_both_agree_on_and_nothing_of_few() -> Result<()> {
    let town = Town::new().await?;
    let (id, codes) = begun(&town).await?;
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), 60);
    let first = next(&town, &id, &codes[0]).await?;
    let numbers: Vec<_> = first.iter().map(|statement| statement.number).collect();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>(), "of equals the smallest numbers");
    all_speak(&town, (&id, &codes), 0..9).await?;
    let few = map(&town, &id).await?;
    assert_eq!((few.participants, few.judgements, few.statements.len()), (0, 0, 12));
    assert!(few.consensus.is_empty() && few.groups.is_empty() && !few.groups_withheld.is_empty());
    assert!(few.statements.iter().all(|statement| statement.count.is_none() && statement.point.is_none()));
    all_speak(&town, (&id, &codes), 9..29).await?;
    let below = map(&town, &id).await?;
    assert_eq!((below.participants, below.groups.len()), (19, 0), "ten are left out while it goes on");
    assert!(below.groups_withheld.contains("30"), "{}", below.groups_withheld);
    assert!(below.statements.iter().all(|of| of.count.is_some() && of.consensus_agree.is_none()));
    assert_eq!((below.stability, below.silhouette), (None, None));

    all_speak(&town, (&id, &codes), 29..60).await?;
    let open = map(&town, &id).await?;
    assert_eq!((open.participants, open.groups.len()), (50, 2));
    closes(&town, &id, "街道已给出新的市场场地").await?;
    let drawn = map(&town, &id).await?;
    assert_eq!((drawn.participants, drawn.judgements), (60, 720));
    assert!(drawn.groups_withheld.is_empty(), "{}", drawn.groups_withheld);
    assert_eq!(drawn.groups.iter().map(|group| group.people).collect::<Vec<_>>(), [30, 30]);
    assert!(drawn.stability.context("stability")? > 0.9 && drawn.silhouette.context("silhouette")? > 0.5);
    let mut by_consensus = drawn.statements.clone();
    by_consensus.sort_by(|a, b| b.consensus_agree.partial_cmp(&a.consensus_agree).unwrap());
    let best: BTreeSet<_> = by_consensus[..2].iter().map(|statement| statement.number).collect();
    assert_eq!(best, [11, 12].into());
    assert!(by_consensus[2].consensus_agree < Some(0.5), "{:?}", by_consensus[2]);
    let agreed: BTreeSet<_> = drawn.consensus.iter().map(|side| (side.number, side.agree)).collect();
    assert_eq!(agreed, [(11, true), (12, true)].into());
    let bridging = |number: usize| drawn.statements[number - 1].bridging;
    assert!(bridging(11) > bridging(1) && bridging(12) > bridging(6));
    // Each camp is on its own side of what divides them, and neither of them on the same.
    let sides: Vec<BTreeSet<_>> = drawn
        .groups
        .iter()
        .map(|group| group.representative.iter().map(|side| (side.number <= 5, side.agree)).collect())
        .collect();
    let early = BTreeSet::from([(true, true), (false, false)]);
    let late = BTreeSet::from([(true, false), (false, true)]);
    assert!(sides.iter().all(|side| !side.is_empty()));
    assert!(
        (sides[0].is_subset(&early) && sides[1].is_subset(&late))
            || (sides[0].is_subset(&late) && sides[1].is_subset(&early)),
        "{sides:?}"
    );
    assert!(drawn.groups.iter().flat_map(|group| &group.representative).any(|side| side.agree));
    assert_eq!(map(&town, &id).await?, drawn, "from memory");
    assert!(next(&town, &id, &codes[0]).await?.is_empty());
    // Nowhere a code, in no spelling, in no table.
    let tables = town.stored().await?;
    for code in &codes {
        assert!(!tables.contains(code) && !tables.contains(&code.replace('-', "")), "{code}");
    }
    assert!(tables.contains("第12种办法最公平"), "the look into the tables sees what is there");
    let kept: Vec<String> = sqlx::query_scalar(
        "select distinct jsonb_object_keys(state::jsonb -> 'voice') from aggregates where kind = 'voice' order by 1",
    )
    .fetch_all(&town.schema().await?)
    .await?;
    assert_eq!(kept, ["changes", "judgements", "made"], "nobody's place or group is kept");
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_maps_never_differ_by_what_one_person_said() -> Result<()> {
    let town = Town::new().await?;
    let (id, codes) = begun(&town).await?;
    all_speak(&town, (&id, &codes), 0..40).await?;
    let told = map(&town, &id).await?;
    assert_eq!(told.participants, 30, "ten are left out while it goes on");
    for person in 40..49 {
        all_speak(&town, (&id, &codes), person..person + 1).await?;
        judges(&town, &id, &codes[0], (1, pb::Judgement::Pass)).await?;
        judges(&town, &id, &codes[0], (1, says(0, 1))).await?;
        assert_eq!(map(&town, &id).await?, told, "{person}");
    }
    // What is rejected is gone at once, and what is new is there by its words alone; nothing else moves.
    moderates(&town, &id, 12, Some(pb::RejectionReason::OffTopic)).await?;
    assert_eq!(seeds(&town, &id, "第13种办法最公平").await?, 13);
    let shown = map(&town, &id).await?;
    let numbers: Vec<_> = shown.statements.iter().map(|statement| statement.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13]);
    assert_eq!(shown.statements[..11], told.statements[..11]);
    assert_eq!((shown.statements[11].count, &shown.groups[0].people), (None, &told.groups[0].people));
    let sides = shown.groups.iter().flat_map(|group| &group.representative).chain(&shown.consensus);
    assert!(sides.into_iter().all(|side| side.number != 12));
    all_speak(&town, (&id, &codes), 49..50).await.unwrap_err();
    for number in (1..=11).chain(13..=13) {
        judges(&town, &id, &codes[49], (number, says(49, number))).await?;
    }
    assert_eq!(map(&town, &id).await?.participants, 40, "ten more people");
    judges(&town, &id, &codes[50], (1, says(50, 1))).await?;
    assert_eq!(map(&town, &id).await?.participants, 40);
    closes(&town, &id, "街道已给出新的市场场地").await?;
    assert_eq!(map(&town, &id).await?.participants, 51, "a closed one is final");
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_draws_the_map_again_from_the_record() -> Result<()> {
    let town = Town::new().await?;
    let (id, codes) = begun(&town).await?;
    all_speak(&town, (&id, &codes), 0..60).await?;
    assert_eq!(reason(&record(&town, &id).await.unwrap_err()), "STILL_OPEN");
    assert_eq!(reason(&closes(&town, &id, "").await.unwrap_err()), "STILL_OPEN");
    let kept = moderates(&town, &id, 5, Some(pb::RejectionReason::Duplicate)).await?;
    assert_eq!(kept.status(), pb::StatementStatus::Rejected);
    town.clock.advance(SignedDuration::from_hours(24 * 14));
    let late = judges(&town, &id, &codes[0], (1, pb::Judgement::Pass)).await.unwrap_err();
    assert_eq!(reason(&late), "CONVERSATION_ENDED");
    judges(&town, &id, &codes[0], (1, says(0, 1))).await.context("what counts is told again")?;
    let closed = closes(&town, &id, "").await?;
    assert!(closed.closed_at.is_some() && closed.close_reason.is_empty());
    let fact = told(&town).await?;
    assert_eq!((fact.participants, fact.statements, fact.votes), (60, 11, 660));
    let drawn = map(&town, &id).await?;

    let text = record(&town, &id).await?;
    for code in &codes {
        assert!(!text.contains(code) && !text.contains(&code.replace('-', "")));
    }
    assert!(!text.contains("第5种办法"), "what was rejected is not given out");
    let record: Value = serde_json::from_str(&text)?;
    let file = |name: &str| record["files"][name].as_str().context("a file");
    let votes = opinion::read(file("votes.csv")?, file("statements.csv")?)?;
    let again = opinion::opinions(&votes, &opinion::Options::default());
    let again = serde_json::to_value(again.told(opinion::Told::Screen))?;
    let sizes: Vec<_> = drawn.groups.iter().map(|group| group.people).collect();
    assert_eq!(again["cluster_sizes"], serde_json::json!(sizes));
    for statement in &drawn.statements {
        let of = &again["statement"][statement.number.to_string()];
        let count = statement.count.context("a count")?;
        assert_eq!(
            (of["n_agree"].as_i64(), of["n_total"].as_i64()),
            (Some(count.agree.into()), Some(count.all.into()))
        );
        assert_eq!(of["gac_agree"].as_f64(), statement.consensus_agree);
    }
    town.bench.stop().await
}

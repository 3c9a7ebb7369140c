//! Points of balance: sealed until all have spoken, computed, tried again, and agreed by each.

use anyhow::{Context, Result};
use gongzhi_deliberation::NAME;
use gongzhi_deliberation::balance::agreed;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::balance_service_client::BalanceServiceClient;
use gongzhi_proto::ids::BalanceId;
use tonic::{Code, Status};

use crate::pools::plain;
use crate::town::{Town, balances, fields, reason};

const CODES: [&str; 3] = ["street", "owners", "shops"];
/// Scores that no other number in a table looks like.
const SCORES: [i32; 2] = [61, 97];

fn asked(topic_id: &str) -> pb::OpenBalanceRequest {
    use pb::PartyKind::{Social, State};
    let parties = [(State, "街道办"), (Social, "业主"), (Social, "沿街商户")];
    let party = |(code, (kind, name)): (&str, (pb::PartyKind, &str))| pb::BalanceParty {
        code: code.into(),
        kind: kind as i32,
        name: name.into(),
    };
    pb::OpenBalanceRequest {
        topic_id: topic_id.into(),
        parties: CODES.into_iter().zip(parties).map(party).collect(),
        options: vec!["早市,八点前收摊".into(), "夜市,十点前收摊".into()],
    }
}

async fn opens(town: &Town, request: pb::OpenBalanceRequest) -> Result<pb::Balance, Status> {
    let opened = balances(&town.secretary).open_balance(request).await?.into_inner();
    Ok(opened.balance.unwrap_or_default())
}

async fn gives(
    town: &Town,
    id: &str,
    party: &str,
    (scores, line): (&[i32], i32),
) -> Result<pb::Balance, Status> {
    let position = pb::BalancePosition { party: party.into(), scores: scores.to_vec(), bottom_line: line };
    let request = pb::GivePositionRequest { balance_id: id.into(), position: Some(position) };
    let given = balances(&town.secretary).give_position(request).await?.into_inner();
    Ok(given.balance.unwrap_or_default())
}

async fn reveals(town: &Town, id: &str) -> Result<pb::Balance, Status> {
    let request = pb::RevealBalanceRequest { balance_id: id.into() };
    let revealed = balances(&town.secretary).reveal_balance(request).await?.into_inner();
    Ok(revealed.balance.unwrap_or_default())
}

async fn next_round(town: &Town, id: &str) -> Result<pb::Balance, Status> {
    let request = pb::NextRoundRequest { balance_id: id.into() };
    Ok(balances(&town.secretary).next_round(request).await?.into_inner().balance.unwrap_or_default())
}

async fn agrees(town: &Town, id: &str, parties: &[&str]) -> Result<pb::Balance, Status> {
    let request = pb::AgreeBalanceRequest {
        balance_id: id.into(),
        common_goals: "早上买菜方便,八点后路面清爽".into(),
        parties: parties.iter().map(|party| (*party).to_owned()).collect(),
    };
    Ok(balances(&town.secretary).agree_balance(request).await?.into_inner().balance.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_are_sealed_until_all_have_spoken_and_then_balanced() -> Result<()> {
    let town = Town::new().await?;
    let topic = town.proposes("马路菜场").await?;
    let id = opens(&town, asked(&topic)).await?.balance_id;
    let given = gives(&town, &id, "street", (&SCORES, 43)).await?;
    assert_eq!((given.given.clone(), given.rounds.len()), (vec!["street".to_owned()], 0));
    gives(&town, &id, "owners", (&SCORES, 43)).await?;
    assert_eq!(reason(&reveals(&town, &id).await.unwrap_err()), "NOT_ALL_GIVEN");
    // Neither as text nor as the bytes that a position consists of.
    let tables = town.stored().await?;
    for trace in ["scores", "bottom_line", "61, 97", "61,97", "3d612b"] {
        assert!(!tables.contains(trace), "{trace} stands in a table");
    }
    // Nor can it be found by trying positions: the digests by which repeats are known are keyed, other than those of what is no secret.
    let position = pb::BalancePosition { party: "street".into(), scores: SCORES.to_vec(), bottom_line: 43 };
    let give = pb::GivePositionRequest { balance_id: id.clone(), position: Some(position) };
    let service = "/gongzhi.deliberation.v1.BalanceService";
    assert!(!tables.contains(&plain(&format!("{service}/GivePosition"), &give)));
    assert!(tables.contains(&plain(&format!("{service}/OpenBalance"), &asked(&topic))));
    let shown = pb::GetBalanceRequest { balance_id: id.clone() };
    let shown = balances(&town.worker).get_balance(shown).await?.into_inner().balance.context("a balance")?;
    assert!(shown.rounds.is_empty() && shown.given == ["owners", "street"]);

    gives(&town, &id, "owners", (&[30, 90], 60)).await?;
    gives(&town, &id, "shops", (&[80, 20], 50)).await?;
    let revealed = reveals(&town, &id).await?;
    assert_eq!(revealed.status(), pb::BalanceStatus::Revealed);
    let round = &revealed.rounds[0];
    assert_eq!(round.positions[0].scores, SCORES, "what was sealed is what is revealed");
    assert_eq!(round.positions[1].scores, [30, 90], "what was given last counts");
    assert!(round.feasible.is_empty() && round.product.is_empty());
    assert_eq!(round.conflicts[0].parties, ["owners", "shops"]);
    assert_eq!(
        (round.choice, &round.shortfalls[..]),
        (2, &[0, 0, 30][..]),
        "of equals the first by its text"
    );
    assert!(town.stored().await?.contains("scores"), "the look into the tables sees what is there");
    assert_eq!(reason(&gives(&town, &id, "shops", (&SCORES, 1)).await.unwrap_err()), "ALREADY_REVEALED");

    let second = next_round(&town, &id).await?;
    assert_eq!((second.round, second.given.len(), second.rounds.len()), (2, 0, 1));
    for (party, position) in CODES.iter().zip([([61, 97], 43), ([70, 90], 60), ([80, 20], 50)]) {
        gives(&town, &id, party, (&position.0, position.1)).await?;
    }
    assert_eq!(reason(&agrees(&town, &id, &CODES).await.unwrap_err()), "NOT_REVEALED");
    let round = reveals(&town, &id).await?.rounds.remove(1);
    assert_eq!((round.feasible, round.choice, round.product), (vec![1], 1, (18 * 10 * 30).to_string()));
    assert_eq!(round.largest_minimum_gain_choice, 1);
    let writer = town.bench.context.writer(NAME).await?;
    assert_eq!(agreed(&writer, &BalanceId::parse(&id)?).await?, None);
    assert_eq!(reason(&agrees(&town, &id, &CODES[..2]).await.unwrap_err()), "NOT_ALL_AGREE");
    let ended = agrees(&town, &id, &CODES).await?;
    assert_eq!((ended.status(), ended.rounds.len()), (pb::BalanceStatus::Agreed, 2));
    let found = agreed(&writer, &BalanceId::parse(&id)?).await?.context("agreed")?;
    assert_eq!(found.to_string(), topic);
    let told = town.told().await?;
    let told: Vec<_> = told.iter().filter(|fact| fact.starts_with("balance_")).collect();
    assert_eq!(told, ["balance_opened", "balance_revealed", "balance_revealed", "balance_agreed"]);
    let list = pb::ListBalancesRequest { topic_id: topic, ..Default::default() };
    let listed = balances(&town.worker).list_balances(list).await?.into_inner().balances;
    assert_eq!(listed, [ended]);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn five_rounds_and_no_more_and_who_may_not_does_nothing() -> Result<()> {
    let town = Town::new().await?;
    let topic = town.proposes("马路菜场").await?;
    let mut keyed = BalanceServiceClient::new(town.secretary.calls_with_key("the-same-opening"));
    let first = keyed.open_balance(asked(&topic)).await?.into_inner();
    assert_eq!(
        keyed.open_balance(asked(&topic)).await?.into_inner(),
        first,
        "a repeat gets the first answer"
    );
    let id = first.balance.context("a balance")?.balance_id;
    assert_eq!(reason(&gives(&town, &id, "nobody", (&SCORES, 1)).await.unwrap_err()), "NO_SUCH_PARTY");
    let few = gives(&town, &id, "street", (&[1, 2, 3], 1)).await.unwrap_err();
    assert_eq!(reason(&few), "POSITIONS_DO_NOT_FIT");
    for round in 1..=5 {
        for party in CODES {
            gives(&town, &id, party, (&SCORES, 43)).await?;
        }
        assert_eq!(reveals(&town, &id).await?.round, round);
        let next = next_round(&town, &id).await;
        match round {
            5 => assert_eq!(reason(&next.unwrap_err()), "LAST_ROUND"),
            _ => assert_eq!(next?.round, round + 1),
        }
    }
    let denied = balances(&town.worker).open_balance(asked(&topic)).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied, "a worker");
    let other = town.bench.person("POST_COMMUNITY_SECRETARY", &town.bench.area("001053"));
    let denied = balances(&other).reveal_balance(pb::RevealBalanceRequest { balance_id: id }).await;
    assert_eq!(denied.unwrap_err().code(), Code::PermissionDenied, "another community");
    let denied = balances(&other).open_balance(asked(&topic)).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied, "another community");
    let decline = pb::DeclineTopicRequest {
        topic_id: topic.clone(),
        reason: "已由街道统一解决,不需要再讨论".into(),
    };
    crate::town::topics(&town.secretary).decline_topic(decline).await?;
    assert_eq!(reason(&opens(&town, asked(&topic)).await.unwrap_err()), "TOPIC_NOT_OPEN");
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_a_balance_that_is_wrong_is_named_at_once() -> Result<()> {
    let town = Town::new().await?;
    let party =
        |code: &str, kind, name: &str| pb::BalanceParty { code: code.into(), kind, name: name.into() };
    let wrong = pb::OpenBalanceRequest {
        topic_id: "x".into(),
        parties: vec![party("A b", 9, ""), party("ok", 1, "居民"), party("ok", 2, "电话13805712345")],
        options: vec!["同一个".into(), "同一个".into(), "短".repeat(101)],
    };
    let wrong = opens(&town, wrong).await.unwrap_err();
    let named =
        ["parties[0].code", "parties[0].kind", "parties[0].name", "parties[2].code", "parties[2].name"];
    let options = ["options[1]", "options[2]"];
    assert_eq!(fields(&wrong), [&["topic_id"][..], &named[..], &options[..]].concat());
    let none = opens(&town, pb::OpenBalanceRequest::default()).await.unwrap_err();
    assert_eq!(fields(&none), ["topic_id", "parties", "options"]);
    let wrong = gives(&town, "x", "", (&[-1, 101], 300)).await.unwrap_err();
    let scores = ["position.scores[0]", "position.scores[1]", "position.bottom_line"];
    assert_eq!(fields(&wrong), [&["balance_id", "position.party"][..], &scores[..]].concat());
    let wrong = pb::AgreeBalanceRequest {
        balance_id: "x".into(),
        common_goals: "短".into(),
        parties: vec!["A".into()],
    };
    let wrong = balances(&town.secretary).agree_balance(wrong).await.unwrap_err();
    assert_eq!(fields(&wrong), ["balance_id", "common_goals", "parties", "parties[0]"]);
    let list = pb::ListBalancesRequest { page_size: 51, page_token: "?".into(), ..Default::default() };
    let wrong = balances(&town.worker).list_balances(list).await.unwrap_err();
    assert_eq!(fields(&wrong), ["topic_id", "page_size", "page_token"]);
    let missing = pb::GetBalanceRequest { balance_id: uuid::Uuid::now_v7().to_string() };
    assert_eq!(balances(&town.worker).get_balance(missing).await.unwrap_err().code(), Code::NotFound);
    let kept: i64 =
        sqlx::query_scalar("select count(*) from aggregates").fetch_one(&town.schema().await?).await?;
    assert_eq!(kept, 0);
    town.bench.stop().await
}

//! Funds: projects, slips that are cast in secret, an outcome that a stranger recomputes, and what each share has paid for.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use gongzhi_chassis::client::Calling;
use gongzhi_harness::{Person, stranger, wait_until};
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::fund_service_client::FundServiceClient;
use jiff::SignedDuration;
use serde_json::Value;
use tonic::{Code, Status};

use crate::equal_shares::{Fraction, add_one};
use crate::town::{Town, fields, reason};

pub fn funds(who: &Person) -> FundServiceClient<Calling> {
    FundServiceClient::new(who.calls())
}

fn sha256(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A fund of 900 yuan with projects of these costs in yuan and groups, published for so many households; gives its codes.
pub async fn published(
    town: &Town,
    projects: &[(i64, &str)],
    households: i32,
) -> Result<(String, Vec<String>)> {
    let request = pb::OpenFundRequest {
        topic_id: town.votable("专款").await?,
        amount_fen: 90_000,
        rule: pb::FundRule::Unspecified as i32,
        tie_source: "开奖公告第2026330期七位数".into(),
        closes_at: town.in_days(10),
    };
    let fund_id = funds(&town.secretary).open_fund(request).await?.into_inner().fund.context("one")?.fund_id;
    for (nth, (yuan, group)) in projects.iter().enumerate() {
        let request = pb::AddProjectRequest {
            fund_id: fund_id.clone(),
            title: format!("项目{nth}"),
            area_code: town.community(),
            cost_fen: yuan * 100,
            exclusion_group: (*group).into(),
        };
        funds(&town.worker).add_project(request).await?;
    }
    let publish = pb::PublishFundRequest { fund_id: fund_id.clone(), households };
    funds(&town.secretary).publish_fund(publish).await?;
    let print = pb::PrintFundSlipsRequest { fund_id: fund_id.clone() };
    let codes = funds(&town.worker).print_fund_slips(print.clone()).await?.into_inner().codes;
    let again = funds(&town.worker).print_fund_slips(print).await.unwrap_err();
    assert_eq!((codes.len(), reason(&again).as_str()), (households as usize, "PRINTED"));
    Ok((fund_id, codes))
}

/// Casts as somebody of whom nothing is known.
pub async fn cast(town: &Town, fund_id: &str, code: &str, projects: &[i32]) -> Result<Vec<i32>, Status> {
    let request =
        pb::CastApprovalsRequest { fund_id: fund_id.into(), code: code.into(), projects: projects.to_vec() };
    let mut client = FundServiceClient::new(town.bench.channel());
    client.cast_approvals(request).await.map(|answer| answer.into_inner().projects)
}

pub async fn shown(town: &Town, fund_id: &str) -> Result<pb::Fund> {
    let request = pb::GetFundRequest { fund_id: fund_id.into() };
    funds(&town.worker).get_fund(request).await?.into_inner().fund.context("a fund")
}

pub async fn close(town: &Town, fund_id: &str) -> Result<pb::Fund, Status> {
    let request = pb::CloseFundRequest { fund_id: fund_id.into() };
    Ok(funds(&town.secretary).close_fund(request).await?.into_inner().fund.unwrap())
}

async fn computed(town: &Town, fund_id: &str) -> Result<pb::Fund> {
    wait_until("the outcome is computed", async || {
        let fund = shown(town, fund_id).await?;
        let ready = fund.status() != pb::FundStatus::Computing;
        Ok(if ready { Ok(fund) } else { Err("computing".into()) })
    })
    .await
}

pub async fn record(town: &Town, fund_id: &str) -> Result<(String, Value)> {
    let request = pb::ExportFundRequest { fund_id: fund_id.into() };
    let mut pieces = FundServiceClient::new(town.bench.channel()).export_fund(request).await?.into_inner();
    let mut bytes = Vec::new();
    while let Some(answer) = pieces.message().await? {
        bytes.extend(answer.piece);
    }
    let text = String::from_utf8(bytes)?;
    let record = serde_json::from_str(&text)?;
    Ok((text, record))
}

/// What somebody approves of: most want the dear ones of the first group, some only the small ones.
pub fn wants(nth: usize) -> Vec<i32> {
    match nth % 6 {
        0 => vec![1, 2],
        1 | 2 => vec![1, 2, 5],
        3 => vec![4],
        4 => vec![3, 4],
        _ => vec![3, 5],
    }
}

pub const PROJECTS: [(i64, &str); 5] =
    [(500, "中心绿地"), (450, "中心绿地"), (130, ""), (151, ""), (220, "")];

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_recomputes_the_outcome_from_the_record_alone() -> Result<()> {
    let town = Town::new().await?;
    let (fund_id, codes) = published(&town, &PROJECTS, 16).await?;
    for (nth, code) in codes[..13].iter().enumerate() {
        assert_eq!(shown(&town, &fund_id).await?.ballots, if nth < 10 { 0 } else { nth as i32 });
        // However it is typed, it is the code.
        let typed = format!("{}-{}", &code[..5].to_lowercase(), &code[5..]);
        assert_eq!(cast(&town, &fund_id, &typed, &wants(nth)).await?, wants(nth));
    }
    assert_eq!(reason(&close(&town, &fund_id).await.unwrap_err()), "STILL_OPEN");
    let open = shown(&town, &fund_id).await?;
    assert!(open.winners.is_empty() && open.projects.iter().all(|project| project.approvals == 0));
    town.clock.advance(SignedDuration::from_hours(24 * 10));
    assert_eq!(reason(&cast(&town, &fund_id, &codes[14], &[1]).await.unwrap_err()), "OVER");
    assert_eq!(close(&town, &fund_id).await?.status(), pb::FundStatus::Computing);
    let decided = computed(&town, &fund_id).await?;
    assert_eq!((decided.status(), decided.ballots), (pb::FundStatus::Decided, 13));

    let (text, record) = record(&town, &fund_id).await?;
    assert_eq!(sha256(&text), decided.record_sha256);
    stranger::agrees("fund", &text, &decided.record_sha256, ("\"total_fen\":", "\"total_fen\":1"))?;
    let bought = add_one(record["pabulib"].as_str().unwrap());
    let winners: Vec<i32> = bought.iter().map(|(id, _)| id.parse().unwrap()).collect();
    assert_eq!(winners, decided.winners);
    assert!(winners.len() > 1 && !(winners.contains(&1) && winners.contains(&2)), "one of a group at most");
    let rounds = record["outcome"]["rounds"].as_array().unwrap();
    for ((_, payments), round) in bought.iter().zip(rounds) {
        let mut told = BTreeMap::new();
        for paid in round["payments"].as_array().unwrap() {
            let yuan = Fraction::read(paid["yuan"].as_str().unwrap());
            for ballot in paid["ballots"].as_array().unwrap() {
                told.insert(ballot.as_u64().unwrap() as usize, yuan);
            }
        }
        assert_eq!(&told, payments);
    }
    // Each slip is told what its own share has paid for, and no other.
    for (nth, code) in codes[..13].iter().enumerate() {
        let request = pb::GetMyShareRequest { fund_id: fund_id.clone(), code: code.clone() };
        let mut client = FundServiceClient::new(town.bench.channel());
        let share = client.get_my_share(request).await?.into_inner();
        let paid: Vec<_> =
            share.payments.iter().map(|payment| (payment.number, Fraction::read(&payment.yuan))).collect();
        let due = bought.iter().filter_map(|(id, payments)| {
            Some((id.parse::<i32>().unwrap(), *payments.get(&(share.ballot as usize))?))
        });
        assert_eq!(paid, due.collect::<Vec<_>>());
        assert!(paid.iter().all(|(project, _)| wants(nth).contains(project)));
    }
    let lost = decided.projects.iter().filter(|project| !project.won);
    assert!(lost.clone().count() > 0 && lost.clone().all(|project| project.why_lost != 0));
    assert!(codes.iter().all(|code| !text.contains(code.as_str())), "no code is in the record");
    let told = town.told().await?;
    let told: Vec<_> = told.iter().filter(|fact| fact.starts_with("fund")).collect();
    assert_eq!(told, ["fund_opened", "fund_published", "fund_decided"]);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_is_cast_once_and_nothing_links_it_with_anybody() -> Result<()> {
    let town = Town::new().await?;
    let (fund_id, codes) = published(&town, &PROJECTS, 12).await?;
    assert_eq!(cast(&town, &fund_id, &codes[0], &[5, 1]).await?, [1, 5]);
    assert_eq!(
        cast(&town, &fund_id, &codes[0], &[1, 5]).await?,
        [1, 5],
        "the same again is answered as before"
    );
    assert_eq!(reason(&cast(&town, &fund_id, &codes[0], &[1]).await.unwrap_err()), "CAST_ALREADY");
    assert_eq!(cast(&town, &fund_id, &codes[1], &[]).await?, Vec::<i32>::new());
    assert_eq!(reason(&cast(&town, &fund_id, "0000000000", &[1]).await.unwrap_err()), "UNKNOWN_CODE");
    let wrong = cast(&town, &fund_id, "12U", &[0, 9, -1, 1, 1]).await.unwrap_err();
    assert_eq!(fields(&wrong), ["code", "projects[0]", "projects[1]", "projects[2]", "projects[4]"]);
    let withdraw = pb::WithdrawProjectRequest {
        fund_id: fund_id.clone(),
        number: 3,
        reason: "与燃气管线冲突,另行选址".into(),
    };
    funds(&town.worker).withdraw_project(withdraw).await?;
    assert_eq!(fields(&cast(&town, &fund_id, &codes[2], &[3]).await.unwrap_err()), ["projects[0]"]);
    let schema = town.schema().await?;
    let written: String = sqlx::query_scalar(
        "select coalesce(string_agg(t, ' '), '') from (select s::text as t from fund_slips s union all select h.event from history h where kind = 'fund'
         union all select state::text from aggregates where kind = 'fund' union all select c::text from commands c) as all_of_it",
    )
    .fetch_one(&schema)
    .await?;
    assert!(codes.iter().all(|code| !written.contains(code.as_str())), "no code is kept anywhere");
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_what_was_cast_is_counted_while_others_close() -> Result<()> {
    let town = Town::new().await?;
    let (fund_id, codes) = published(&town, &PROJECTS, 60).await?;
    let casting: Vec<_> = codes
        .iter()
        .map(|code| {
            let request =
                pb::CastApprovalsRequest { fund_id: fund_id.clone(), code: code.clone(), projects: vec![4] };
            let mut client = FundServiceClient::new(town.bench.channel());
            tokio::spawn(async move { client.cast_approvals(request).await })
        })
        .collect();
    tokio::task::yield_now().await;
    town.clock.advance(SignedDuration::from_hours(24 * 10));
    close(&town, &fund_id).await?;
    let mut taken = 0;
    for answer in casting {
        match answer.await? {
            Ok(_) => taken += 1,
            Err(refused) => assert_eq!(reason(&refused), "OVER"),
        }
    }
    let decided = computed(&town, &fund_id).await?;
    assert_eq!(decided.ballots, taken);
    assert_eq!(decided.projects[3].approvals, taken);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tie_that_changes_the_outcome_is_settled_by_a_number_drawn_in_public() -> Result<()> {
    let town = Town::new().await?;
    let (fund_id, codes) = published(&town, &[(600, "东门"), (600, "东门"), (100, "")], 10).await?;
    for (nth, code) in codes.iter().enumerate() {
        cast(&town, &fund_id, code, if nth < 5 { &[1, 3] } else { &[2, 3] }).await?;
    }
    town.clock.advance(SignedDuration::from_hours(24 * 10));
    close(&town, &fund_id).await?;
    let tied = computed(&town, &fund_id).await?;
    assert_eq!((tied.status(), &tied.tied[..]), (pb::FundStatus::Tied, &[1, 2][..]));
    let settle = |number: &str| pb::SettleTieRequest { fund_id: fund_id.clone(), number: number.into() };
    assert_eq!(fields(&funds(&town.secretary).settle_tie(settle("12")).await.unwrap_err()), ["number"]);
    funds(&town.secretary).settle_tie(settle("4071913")).await?;
    let decided = computed(&town, &fund_id).await?;
    assert_eq!(decided.status(), pb::FundStatus::Decided);
    let first = (1..=2).min_by_key(|number| sha256(&format!("4071913:{number:03}"))).unwrap();
    assert!(decided.winners.contains(&first) && !decided.winners.contains(&(3 - first)));
    assert_eq!(reason(&funds(&town.secretary).settle_tie(settle("4071914")).await.unwrap_err()), "NO_TIE");
    let (_, record) = record(&town, &fund_id).await?;
    let bought = add_one(record["pabulib"].as_str().unwrap());
    let winners: Vec<i32> =
        bought.iter().map(|(id, _)| id.split_once('.').unwrap().1.parse().unwrap()).collect();
    assert_eq!(winners, decided.winners);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_fund_is_told_at_once() -> Result<()> {
    let town = Town::new().await?;
    let wrong =
        pb::OpenFundRequest { amount_fen: 0, rule: 9, closes_at: town.in_days(-1), ..Default::default() };
    let refused = funds(&town.secretary).open_fund(wrong).await.unwrap_err();
    assert_eq!(fields(&refused), ["topic_id", "amount_fen", "rule", "tie_source", "closes_at"]);
    let good = pb::OpenFundRequest {
        topic_id: town.votable("绿化").await?,
        amount_fen: 90_000,
        rule: 0,
        tie_source: "公开摇号".into(),
        closes_at: town.in_days(40),
    };
    let unscheduled = pb::OpenFundRequest { topic_id: town.proposes("专款").await?, ..good.clone() };
    let unscheduled = funds(&town.secretary).open_fund(unscheduled).await.unwrap_err();
    assert_eq!(reason(&unscheduled), "NOT_SCHEDULED");
    assert_eq!(funds(&town.worker).open_fund(good.clone()).await.unwrap_err().code(), Code::PermissionDenied);
    let fund_id = funds(&town.secretary).open_fund(good).await?.into_inner().fund.context("one")?.fund_id;
    let project = pb::AddProjectRequest {
        fund_id: fund_id.clone(),
        title: "长\n椅".into(),
        area_code: "330105001053".into(),
        cost_fen: -1,
        exclusion_group: "中心\n绿地".into(),
    };
    let refused = funds(&town.worker).add_project(project.clone()).await.unwrap_err();
    assert_eq!(fields(&refused), ["title", "cost_fen", "exclusion_group"]);
    let named = pb::AddProjectRequest {
        title: "联系王阿姨13912345678".into(),
        cost_fen: 0,
        exclusion_group: String::new(),
        ..project.clone()
    };
    let refused = funds(&town.worker).add_project(named).await.unwrap_err();
    assert_eq!(fields(&refused), ["title", "cost_fen"]);
    let far = pb::AddProjectRequest {
        title: "长椅".into(),
        area_code: "330105001053".into(),
        cost_fen: 90_001,
        exclusion_group: String::new(),
        ..project
    };
    assert_eq!(fields(&funds(&town.worker).add_project(far.clone()).await.unwrap_err()), ["area_code"]);
    let dear = pb::AddProjectRequest { area_code: town.community(), ..far };
    assert_eq!(reason(&funds(&town.worker).add_project(dear).await.unwrap_err()), "COST_ABOVE_FUND");
    let publish = |households: i32| pb::PublishFundRequest { fund_id: fund_id.clone(), households };
    for households in [9, 100_001] {
        let refused = funds(&town.secretary).publish_fund(publish(households)).await.unwrap_err();
        assert_eq!(fields(&refused), ["households"]);
    }
    let refused = funds(&town.secretary).publish_fund(publish(10)).await.unwrap_err();
    assert_eq!(reason(&refused), "NO_PROJECTS");
    let unprinted = pb::PrintFundSlipsRequest { fund_id: fund_id.clone() };
    assert_eq!(reason(&funds(&town.worker).print_fund_slips(unprinted).await.unwrap_err()), "NOT_PUBLISHED");
    assert_eq!(reason(&close(&town, &fund_id).await.unwrap_err()), "NOT_PUBLISHED");
    let request = pb::ExportFundRequest { fund_id };
    let undecided = FundServiceClient::new(town.bench.channel()).export_fund(request).await.unwrap_err();
    assert_eq!(reason(&undecided), "NOT_DECIDED");
    town.bench.stop().await
}

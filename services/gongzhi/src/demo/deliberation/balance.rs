//! What the parties can live with: sealed positions on the same options, in two rounds, and what all of them agree on.

use anyhow::{Context, Result, ensure};
use gongzhi_proto::deliberation::v1 as pb;

use super::Estate;

const OPTIONS: [&str; 3] =
    ["中心绿地建棚,维修资金出资", "7幢东侧建棚,维修资金与公共收益分担,按用付费", "围墙边建棚,使用者自付"];
/// Code and name of a party with what it gives the options, and its bottom line, in each round: in the first one nothing is above all bottom lines.
type Party = (&'static str, pb::PartyKind, &'static str, [([i32; 3], i32); 2]);
const PARTIES: [Party; 4] = [
    ("jiedao", pb::PartyKind::State, "街道与消防", [([30, 70, 60], 55), ([30, 75, 60], 55)]),
    ("shequ", pb::PartyKind::State, "社区", [([55, 80, 40], 50), ([55, 80, 40], 50)]),
    ("chezhu", pb::PartyKind::Social, "有车居民", [([90, 65, 35], 60), ([90, 65, 35], 60)]),
    ("wuche", pb::PartyKind::Social, "无车居民", [([15, 50, 85], 60), ([15, 65, 85], 60)]),
];

/// The parties give their positions twice and agree.
pub(super) async fn is_found(estate: &Estate<'_>, topic_id: &str) -> Result<()> {
    let mut balances = estate.cast.secretary.balances();
    let party = |(code, kind, name, _): &Party| pb::BalanceParty {
        code: (*code).into(),
        kind: *kind as i32,
        name: (*name).into(),
    };
    let request = pb::OpenBalanceRequest {
        topic_id: topic_id.into(),
        parties: PARTIES.iter().map(party).collect(),
        options: OPTIONS.map(str::to_owned).to_vec(),
    };
    let opened = balances.open_balance(request).await?.into_inner().balance;
    let balance_id = opened.context("no balance")?.balance_id;
    for round in 0..2 {
        for (code, _, _, positions) in PARTIES {
            let (scores, bottom_line) = positions[round];
            let position = pb::BalancePosition { party: code.into(), scores: scores.to_vec(), bottom_line };
            let request =
                pb::GivePositionRequest { balance_id: balance_id.clone(), position: Some(position) };
            balances.give_position(request).await?;
        }
        let request = pb::RevealBalanceRequest { balance_id: balance_id.clone() };
        let revealed = balances.reveal_balance(request).await?.into_inner().balance;
        let revealed = revealed.context("no balance")?;
        let last = revealed.rounds.last().context("no round")?;
        let choice = OPTIONS[usize::try_from(last.choice - 1)?];
        if round == 0 {
            ensure!(last.feasible.is_empty(), "the first round was to meet no bottom line: {last:?}");
            estate
                .teller
                .say("平衡点第一轮:四方密封打分后同时开封,没有方案满足各方底线;先减轻无车居民的负担");
            balances.next_round(pb::NextRoundRequest { balance_id: balance_id.clone() }).await?;
        } else {
            ensure!(!last.feasible.is_empty(), "the second round was to meet all bottom lines: {last:?}");
            estate.teller.say(&format!("平衡点第二轮:「{choice}」满足各方底线,得益之积 {}", last.product));
        }
    }
    let request = pb::AgreeBalanceRequest {
        balance_id,
        common_goals: super::goals::TEXT.into(),
        parties: PARTIES.iter().map(|(code, ..)| (*code).to_owned()).collect(),
    };
    balances.agree_balance(request).await?;
    Ok(())
}

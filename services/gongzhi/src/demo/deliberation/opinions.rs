//! What residents think: short statements that they judge by slips, and the map of what they have in common.

use anyhow::{Context, Result};
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;

use super::Estate;

/// Slips, and how many residents take part.
const SLIPS: i32 = 60;
const SPEAKERS: usize = 44;
/// Days for which they do.
const OPEN_DAYS: i64 = 10;
/// What the organisers begin with: on the first six two camps differ, on the others hardly anybody does.
const SEEDS: [&str; 10] = [
    "充电棚建在小区中心绿地最方便",
    "充电棚的钱应由维修资金出",
    "没有电动车的住户也应分担费用",
    "充电棚应建在小区围墙边,远离楼房",
    "谁用谁付钱,不动维修资金",
    "飞线充电一经发现就应断电",
    "充电棚必须有自动断电和烟感",
    "收费标准和账目每月公开",
    "先清理飞线,再谈建棚会没有地方充电",
    "老人骑的电动车要留出近处的车位",
];
/// What a resident adds.
const ADDED: &str = "夜里充电的价格应低一些";

/// Opens a conversation in which residents take part; gives it.
pub(super) async fn speak(estate: &Estate<'_>, topic_id: &str) -> Result<String> {
    let request = pb::OpenConversationRequest {
        topic_id: topic_id.into(),
        question: "充电棚建在哪里、谁出钱、怎么管?".into(),
        slips: SLIPS,
        closes_at: Some(to_wire(estate.in_days(OPEN_DAYS))),
    };
    let secretary = &estate.cast.secretary;
    let opened = secretary.conversations().open_conversation(request).await?.into_inner().conversation;
    let conversation_id = opened.context("no conversation")?.conversation_id;
    let request = pb::PrintConversationSlipsRequest { conversation_id: conversation_id.clone() };
    let codes = secretary.conversations().print_conversation_slips(request).await?.into_inner().codes;
    for text in SEEDS {
        let request =
            pb::SeedStatementRequest { conversation_id: conversation_id.clone(), text: text.into() };
        estate.cast.community_worker.conversations().seed_statement(request).await?;
    }
    adds(estate, &conversation_id, &codes[0]).await?;
    for (person, code) in codes.iter().take(SPEAKERS).enumerate() {
        for number in 1..=SEEDS.len() + 1 {
            let request = pb::JudgeStatementRequest {
                conversation_id: conversation_id.clone(),
                code: code.clone(),
                number: i32::try_from(number)?,
                judgement: says(person, number) as i32,
            };
            // Whoever takes part is signed in nowhere.
            estate.stage.conversations_of_anybody().judge_statement(request).await?;
        }
    }
    estate.teller.say(&format!("意见征集:{SPEAKERS}位居民凭意见票对{}条意见逐条表态", SEEDS.len() + 1));
    Ok(conversation_id)
}

/// A resident makes a statement, and it is accepted.
async fn adds(estate: &Estate<'_>, conversation_id: &str, code: &str) -> Result<()> {
    let request = pb::SubmitStatementRequest {
        conversation_id: conversation_id.into(),
        code: code.into(),
        text: ADDED.into(),
    };
    let made = estate.stage.conversations_of_anybody().submit_statement(request).await?.into_inner();
    let request = pb::ModerateStatementRequest {
        conversation_id: conversation_id.into(),
        number: made.statement.context("no statement")?.number,
        verdict: pb::ModerationVerdict::Accept as i32,
        rejection_reason: pb::RejectionReason::Unspecified as i32,
    };
    estate.cast.community_worker.conversations().moderate_statement(request).await?;
    Ok(())
}

/// Two camps, one smaller than the other, and here and there somebody who passes.
fn says(person: usize, number: usize) -> pb::Judgement {
    use pb::Judgement::{Agree, Disagree, Pass};
    let wants_it_central = person % 5 < 3;
    match number {
        _ if (person * 7 + number * 3).is_multiple_of(13) => Pass,
        1..=3 if wants_it_central => Agree,
        4..=6 if !wants_it_central => Agree,
        1..=6 => Disagree,
        _ if (person + number).is_multiple_of(9) => Disagree,
        _ => Agree,
    }
}

/// Closes the conversation and tells what all have in common.
pub(super) async fn close(estate: &Estate<'_>, conversation_id: &str) -> Result<()> {
    let mut conversations = estate.cast.secretary.conversations();
    let request =
        pb::CloseConversationRequest { conversation_id: conversation_id.into(), reason: String::new() };
    conversations.close_conversation(request).await?;
    let request = pb::GetOpinionMapRequest { conversation_id: conversation_id.into() };
    let map = conversations.get_opinion_map(request).await?.into_inner().map.context("no map")?;
    let sizes: Vec<_> = map.groups.iter().map(|group| format!("{}人", group.people)).collect();
    let common = map.statements.iter().max_by(|a, b| {
        a.consensus_agree.partial_cmp(&b.consensus_agree).unwrap_or(std::cmp::Ordering::Equal)
    });
    let common = common.context("no statements")?;
    estate.teller.say(&format!(
        "意见地图:{}组意见({});各组都赞成「{}」",
        map.groups.len(),
        sizes.join("、"),
        common.text
    ));
    Ok(())
}

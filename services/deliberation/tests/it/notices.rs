//! Notices: what whoever holds a slip may read without a token, once it was published, and nothing before.

use anyhow::{Context, Result};
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::ballot_service_client::BallotServiceClient;
use gongzhi_proto::deliberation::v1::fund_service_client::FundServiceClient;
use tonic::Code;

use crate::funds::{PROJECTS, funds, published};
use crate::speakers::{anybody, closes, opened};
use crate::town::{Town, ballots, conversations, fields};

#[tokio::test(flavor = "multi_thread")]
async fn a_ballot_is_read_once_it_is_published() -> Result<()> {
    let town = Town::new().await?;
    let topic_id = town.proposes("电动自行车充电棚").await?;
    town.publishes_agenda().await?;
    let asked = pb::PrepareBallotRequest {
        topic_id,
        question: "是否同意在7幢东侧建电动自行车充电棚?".into(),
        body: pb::Body::Residents as i32,
        matter: 0,
        secrecy: pb::Secrecy::Secret as i32,
        opens_at: town.in_days(16),
        closes_at: town.in_days(26),
    };
    let prepared = ballots(&town.worker).prepare_ballot(asked.clone()).await?.into_inner().ballot;
    let ballot_id = prepared.context("no ballot")?.ballot_id;
    let request = pb::GetBallotNoticeRequest { ballot_id: ballot_id.clone() };
    let mut nobody = BallotServiceClient::new(town.bench.channel());
    let early = nobody.get_ballot_notice(request.clone()).await.unwrap_err();
    assert_eq!(early.code(), Code::NotFound, "it is not published");
    let electors = vec![pb::Elector { area: 0, unsold: false }; 12];
    let enter = pb::EnterElectorsRequest { ballot_id: ballot_id.clone(), first_number: 1, electors };
    ballots(&town.worker).enter_electors(enter).await?;
    ballots(&town.worker).publish_ballot(pb::PublishBallotRequest { ballot_id }).await?;
    let notice = nobody.get_ballot_notice(request).await?.into_inner().notice.context("no notice")?;
    let wanted = pb::BallotNotice {
        question: asked.question,
        body: asked.body,
        secrecy: asked.secrecy,
        opens_at: asked.opens_at,
        closes_at: asked.closes_at,
        status: pb::BallotStatus::Published as i32,
    };
    assert_eq!(notice, wanted);
    let wrong = nobody.get_ballot_notice(pb::GetBallotNoticeRequest { ballot_id: "x".into() }).await;
    assert_eq!(fields(&wrong.unwrap_err()), ["ballot_id"]);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fund_is_read_once_it_is_published() -> Result<()> {
    let town = Town::new().await?;
    let mut nobody = FundServiceClient::new(town.bench.channel());
    let open = pb::OpenFundRequest {
        topic_id: town.votable("专款").await?,
        amount_fen: 90_000,
        rule: pb::FundRule::Greedy as i32,
        tie_source: "开奖公告第2026330期七位数".into(),
        closes_at: town.in_days(10),
    };
    let opened = funds(&town.secretary).open_fund(open).await?.into_inner().fund;
    let fund_id = opened.context("no fund")?.fund_id;
    let early = nobody.get_fund_notice(pb::GetFundNoticeRequest { fund_id }).await.unwrap_err();
    assert_eq!(early.code(), Code::NotFound, "it is not published");
    let (fund_id, _) = published(&town, &PROJECTS, 16).await?;
    let request = pb::GetFundNoticeRequest { fund_id };
    let notice = nobody.get_fund_notice(request).await?.into_inner().notice.context("no notice")?;
    assert_eq!((notice.amount_fen, notice.status()), (90_000, pb::FundStatus::Published));
    assert_eq!(
        (notice.rule(), &*notice.tie_source),
        (pb::FundRule::EqualShares, "开奖公告第2026330期七位数")
    );
    let costs: Vec<_> = notice.projects.iter().map(|project| project.cost_fen / 100).collect();
    assert_eq!(costs, PROJECTS.map(|(yuan, _)| yuan));
    assert!(notice.projects.iter().all(|project| project.approvals == 0 && !project.won));
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_read_by_everybody() -> Result<()> {
    let town = Town::new().await?;
    let (conversation_id, _) = opened(&town, 10).await?;
    let request = pb::GetConversationNoticeRequest { conversation_id: conversation_id.clone() };
    let notice = async || {
        let answer = anybody(&town).get_conversation_notice(request.clone()).await?;
        answer.into_inner().notice.context("no notice")
    };
    let open = notice().await?;
    assert_eq!((&*open.question, open.closed_at), ("马路菜场怎样办才公平?", None));
    let shown = pb::GetConversationRequest { conversation_id: conversation_id.clone() };
    let shown = conversations(&town.worker).get_conversation(shown).await?.into_inner().conversation;
    assert_eq!(open.closes_at, shown.context("no conversation")?.closes_at);
    closes(&town, &conversation_id, "街道已给出新的市场场地").await?;
    assert!(notice().await?.closed_at.is_some());
    town.bench.stop().await
}

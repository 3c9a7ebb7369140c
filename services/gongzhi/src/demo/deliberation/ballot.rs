//! The vote of the estate: by slips and on paper, counted and signed.

use anyhow::{Context, Result, ensure};
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::to_wire;
use jiff::Timestamp;

use super::Estate;
use crate::demo::cast::Cast;

/// Households of the estate on the roll, and how many of them vote by slip and on paper.
const HOUSEHOLDS: usize = 60;
const BY_SLIP: usize = 38;
const ON_PAPER: usize = 7;

/// A published ballot with the codes of its slips.
pub(super) struct Ballot {
    pub(super) id: String,
    codes: Vec<String>,
}

/// The ballot with its roll, published and printed.
pub(super) async fn prepares(
    cast: &Cast,
    topic_id: &str,
    (opens_at, closes_at): (Timestamp, Timestamp),
) -> Result<Ballot> {
    let request = pb::PrepareBallotRequest {
        topic_id: topic_id.into(),
        question: "是否同意在7幢东侧建集中充电棚,并限期清理飞线充电?".into(),
        body: pb::Body::Residents as i32,
        matter: 0,
        secrecy: pb::Secrecy::Secret as i32,
        opens_at: Some(to_wire(opens_at)),
        closes_at: Some(to_wire(closes_at)),
    };
    let worker = &cast.community_worker;
    let ballot = worker.ballots().prepare_ballot(request).await?.into_inner().ballot;
    let id = ballot.context("no ballot")?.ballot_id;
    let electors = vec![pb::Elector::default(); HOUSEHOLDS];
    let request = pb::EnterElectorsRequest { ballot_id: id.clone(), first_number: 1, electors };
    worker.ballots().enter_electors(request).await?;
    let request = pb::PublishBallotRequest { ballot_id: id.clone() };
    worker.ballots().publish_ballot(request).await?;
    let request = pb::PrintSlipsRequest { ballot_id: id.clone() };
    let codes = worker.ballots().print_slips(request).await?.into_inner().codes;
    Ok(Ballot { id, codes })
}

impl Ballot {
    /// Some vote by their slips, some on paper that two people enter.
    pub(super) async fn votes(&self, estate: &Estate<'_>) -> Result<()> {
        use pb::Choice::{Abstain, Against, For};
        for (nth, code) in self.codes.iter().take(BY_SLIP).enumerate() {
            let choice = if nth % 6 == 5 { Against } else { For } as i32;
            let request = pb::CastVoteRequest { ballot_id: self.id.clone(), code: code.clone(), choice };
            // Whoever votes is signed in nowhere.
            estate.stage.ballots_of_anybody().cast_vote(request).await?;
        }
        for (nth, code) in self.codes.iter().skip(BY_SLIP).take(ON_PAPER).enumerate() {
            for who in [&estate.cast.community_worker, &estate.cast.second_worker] {
                let choice = if nth == 0 { Abstain } else { For } as i32;
                let request =
                    pb::EnterPaperVoteRequest { ballot_id: self.id.clone(), code: code.clone(), choice };
                who.ballots().enter_paper_vote(request).await?;
            }
        }
        estate.teller.say("无记名表决:38户凭选票码投票,7户纸质票由两人分别录入;谁投了什么无从得知");
        Ok(())
    }

    /// It is counted and signed.
    pub(super) async fn is_counted(&self, estate: &Estate<'_>) -> Result<()> {
        let request = pb::CloseBallotRequest { ballot_id: self.id.clone() };
        let closed = estate.cast.secretary.ballots().close_ballot(request).await?.into_inner().ballot;
        let closed = closed.context("no ballot")?;
        ensure!(closed.outcome() == pb::BallotOutcome::Adopted, "{:?}", closed.count);
        let count = closed.count.context("no count")?;
        for who in [&estate.cast.community_worker, &estate.cast.second_worker] {
            let record_sha256 = closed.record_sha256.clone();
            let request = pb::SignBallotRecordRequest { ballot_id: self.id.clone(), record_sha256 };
            who.ballots().sign_ballot_record(request).await?;
        }
        estate.teller.say(&format!(
            "计票:{} 户中 {} 户参加,{} 户同意,表决通过;计票记录可由任何人复算,摘要 {}…",
            count.total_heads,
            count.part_heads,
            count.for_heads,
            &closed.record_sha256[..12]
        ));
        Ok(())
    }
}

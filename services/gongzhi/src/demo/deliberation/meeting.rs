//! The meeting: those who were drawn and the other parties debate by the rules, with equal time for state and society.

use anyhow::{Context, Result, ensure};
use gongzhi_chassis::client::Calling;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::deliberation::v1::meeting_service_client::MeetingServiceClient;
use jiff::SignedDuration;

use super::Estate;

/// What is moved, and how it is amended.
const MOTION: &str = "在7幢东侧建集中充电棚,物业三个月内完成";
const AMENDED: &str = "在7幢东侧建集中充电棚,配自动断电与烟感,物业三个月内完成,收费与账目每月公开";
/// Seats that the other parties have: block, party, how many.
const OTHERS: [(pb::SeatBlock, &str, usize); 4] = [
    (pb::SeatBlock::State, "街道", 1),
    (pb::SeatBlock::State, "社区", 1),
    (pb::SeatBlock::State, "消防", 1),
    (pb::SeatBlock::Social, "物业", 1),
];

/// A meeting while it is held.
struct Session<'a> {
    estate: &'a Estate<'a>,
    id: String,
}

/// Holds the meeting on the topic; members of the panel have the first seats.
pub(super) async fn is_held(
    estate: &Estate<'_>,
    (agenda_id, topic_id): (&str, &str),
    panel: &[i32],
) -> Result<()> {
    let residents = (pb::SeatBlock::Social, "居民代表", panel.len());
    let parties = std::iter::once(residents).chain(OTHERS);
    let seats = parties.flat_map(|(block, party, count)| std::iter::repeat_n((block, party), count));
    let seats: Vec<_> = (1..)
        .zip(seats)
        .map(|(number, (block, party))| pb::MeetingSeat {
            number,
            block: block as i32,
            party: party.into(),
            present: false,
        })
        .collect();
    let last = i32::try_from(seats.len())?;
    let request =
        pb::ConveneMeetingRequest { agenda_id: agenda_id.into(), topic_ids: vec![topic_id.into()], seats };
    let convened = estate.cast.secretary.meetings().convene_meeting(request).await?.into_inner().meeting;
    let session = Session { estate, id: convened.context("no meeting")?.meeting_id };
    // One resident could not come.
    let present: Vec<i32> = (1..=last).filter(|seat| *seat != 2).collect();
    let votes = session.is_opened(topic_id, &present).await?;
    session.debates(last).await?;
    session.decides(votes).await
}

impl Session<'_> {
    fn meetings(&self) -> MeetingServiceClient<Calling> {
        self.estate.cast.community_worker.meetings()
    }

    fn chair(&self) -> MeetingServiceClient<Calling> {
        self.estate.cast.secretary.meetings()
    }

    /// Opens the meeting and brings the motion to its debate; gives how many may vote.
    async fn is_opened(&self, topic_id: &str, present: &[i32]) -> Result<i32> {
        let meeting_id = || self.id.clone();
        let request = pb::OpenMeetingRequest { meeting_id: meeting_id(), present_seats: present.to_vec() };
        self.chair().open_meeting(request).await?;
        let request = pb::MoveMotionRequest {
            meeting_id: meeting_id(),
            seat: 1,
            topic_id: topic_id.into(),
            text: MOTION.into(),
        };
        self.meetings().move_motion(request).await?;
        self.meetings().second_motion(pb::SecondMotionRequest { meeting_id: meeting_id(), seat: 3 }).await?;
        self.chair().open_debate(pb::OpenDebateRequest { meeting_id: meeting_id() }).await?;
        Ok(i32::try_from(present.len())?)
    }

    /// Hands go up, and the floor is given as the rules say; then the motion is amended.
    async fn debates(&self, last: i32) -> Result<()> {
        use pb::MotionSide::{Against, For};
        let meeting_id = || self.id.clone();
        for (seat, side) in
            [(1, For), (4, Against), (5, For), (last - 3, For), (last - 1, For), (last, Against)]
        {
            let request = pb::RaiseHandRequest { meeting_id: meeting_id(), seat, side: side as i32 };
            self.meetings().raise_hand(request).await?;
        }
        for seconds in [80, 110, 60, 95, 70, 105] {
            let request = pb::GetMeetingRequest { meeting_id: meeting_id() };
            let meeting = self.meetings().get_meeting(request).await?.into_inner().meeting;
            let meeting = meeting.context("no meeting")?;
            let seat = meeting.queue.first().context("nobody waits")?.seat;
            self.chair().recognise_seat(pb::RecogniseSeatRequest { meeting_id: meeting_id(), seat }).await?;
            self.estate.clock.advance(SignedDuration::from_secs(seconds));
            self.meetings()
                .end_speech(pb::EndSpeechRequest { meeting_id: meeting_id(), seconds_used: 0 })
                .await?;
        }
        let request = pb::MoveAmendmentRequest { meeting_id: meeting_id(), seat: 4, text: AMENDED.into() };
        self.meetings().move_amendment(request).await?;
        let second = pb::SecondAmendmentRequest { meeting_id: meeting_id(), seat: last - 1 };
        self.meetings().second_amendment(second).await?;
        Ok(())
    }

    /// The amendment and the motion are decided, and the meeting is closed.
    async fn decides(&self, votes: i32) -> Result<()> {
        let meeting_id = || self.id.clone();
        let count = pb::ShowOfHands { ayes: votes - 1, noes: 0, abstentions: 1 };
        let request = pb::VoteOnAmendmentRequest { meeting_id: meeting_id(), count: Some(count) };
        self.meetings().vote_on_amendment(request).await?;
        let close = pb::CloseDebateRequest { meeting_id: meeting_id(), vote: None };
        self.chair().close_debate(close).await?;
        let count = pb::ShowOfHands { ayes: votes - 2, noes: 1, abstentions: 1 };
        let request = pb::VoteOnMotionRequest {
            meeting_id: meeting_id(),
            method: pb::MeetingVoteMethod::ShowOfHands as i32,
            count: Some(count),
            roll_call: vec![],
        };
        self.meetings().vote_on_motion(request).await?;
        let closed = self.chair().close_meeting(pb::CloseMeetingRequest { meeting_id: meeting_id() }).await?;
        let closed = closed.into_inner().meeting.context("no meeting")?;
        let decided = closed.decided.first().context("nothing was decided")?;
        ensure!(decided.outcome() == pb::MotionOutcome::Carried && decided.text == AMENDED, "{decided:?}");
        let spoken = closed.speaking_time.context("no speaking time")?;
        self.estate.teller.say(&format!(
            "议事会:{votes}席到会,动议经修正以{}票通过,提请全体住户表决;发言时间政府主体{}秒、社会主体{}秒",
            count.ayes, spoken.state_seconds, spoken.social_seconds
        ));
        Ok(())
    }
}

//! A meeting with a recorder and a chair, as tests lead it.

use anyhow::{Context, Result};
use gongzhi_harness::Person;
use gongzhi_proto::deliberation::v1 as pb;
use jiff::SignedDuration;

use crate::town::{Town, meetings};

pub const TEXT: &str = "七幢东侧建充电棚, 物业三个月内完成";

/// Two seats of the state, three of society.
pub fn seats() -> Vec<pb::MeetingSeat> {
    use pb::SeatBlock::{Social, State};
    let seats = [(State, "街道"), (State, "社区"), (Social, "居民"), (Social, "居民"), (Social, "物业")];
    let seat = |(nth, (block, party)): (i32, (pb::SeatBlock, &str))| pb::MeetingSeat {
        number: nth,
        block: block as i32,
        party: party.into(),
        present: false,
    };
    (1..).zip(seats).map(seat).collect()
}

/// A meeting on the topics of an agenda, with those who lead it.
pub struct Session<'a> {
    pub town: &'a Town,
    pub id: String,
    topics: Vec<String>,
}

fn shown(meeting: Option<pb::Meeting>) -> Result<pb::Meeting> {
    meeting.context("no meeting")
}

impl<'a> Session<'a> {
    pub async fn convened(town: &'a Town, titles: &[&str]) -> Result<Self> {
        let (agenda_id, topics) = town.publishes(titles).await?;
        Self::on(town, agenda_id, topics, seats()).await
    }

    pub async fn on(
        town: &'a Town,
        agenda_id: String,
        topics: Vec<String>,
        seats: Vec<pb::MeetingSeat>,
    ) -> Result<Self> {
        let request = pb::ConveneMeetingRequest { agenda_id, topic_ids: topics.clone(), seats };
        let convened = meetings(&town.secretary).convene_meeting(request).await?.into_inner().meeting;
        Ok(Self { town, id: shown(convened)?.meeting_id, topics })
    }

    fn recorder(&self) -> &Person {
        &self.town.worker
    }

    fn chair(&self) -> &Person {
        &self.town.secretary
    }

    pub async fn opens(&self, present_seats: &[i32]) -> Result<pb::Meeting> {
        let present_seats = present_seats.to_vec();
        let request = pb::OpenMeetingRequest { meeting_id: self.id.clone(), present_seats };
        shown(meetings(self.chair()).open_meeting(request).await?.into_inner().meeting)
    }

    /// Moves and seconds a motion, and opens its debate.
    pub async fn debates(&self, text: &str) -> Result<pb::Meeting> {
        let request = pb::MoveMotionRequest {
            meeting_id: self.id.clone(),
            seat: 3,
            topic_id: self.topics[0].clone(),
            text: text.into(),
        };
        meetings(self.recorder()).move_motion(request).await?;
        let second = pb::SecondMotionRequest { meeting_id: self.id.clone(), seat: 1 };
        meetings(self.recorder()).second_motion(second).await?;
        let open = pb::OpenDebateRequest { meeting_id: self.id.clone() };
        shown(meetings(self.chair()).open_debate(open).await?.into_inner().meeting)
    }

    pub async fn raises(&self, seat: i32, side: pb::MotionSide) -> Result<pb::Meeting> {
        let request = pb::RaiseHandRequest { meeting_id: self.id.clone(), seat, side: side as i32 };
        shown(meetings(self.recorder()).raise_hand(request).await?.into_inner().meeting)
    }

    pub async fn recognises(&self, seat: i32) -> Result<pb::Meeting, tonic::Status> {
        let request = pb::RecogniseSeatRequest { meeting_id: self.id.clone(), seat };
        let recognised = meetings(self.chair()).recognise_seat(request).await?.into_inner();
        Ok(recognised.meeting.unwrap_or_default())
    }

    /// The seat with the floor speaks for so many seconds.
    pub async fn speaks(&self, seconds: i32) -> Result<pb::Meeting> {
        self.town.clock.advance(SignedDuration::from_secs(i64::from(seconds)));
        self.ends(seconds).await
    }

    /// The recorder enters that it has spoken.
    pub async fn ends(&self, seconds_used: i32) -> Result<pb::Meeting> {
        let request = pb::EndSpeechRequest { meeting_id: self.id.clone(), seconds_used };
        shown(meetings(self.recorder()).end_speech(request).await?.into_inner().meeting)
    }

    pub async fn closes_debate(&self) -> Result<pb::Meeting> {
        let request = pb::CloseDebateRequest { meeting_id: self.id.clone(), vote: None };
        shown(meetings(self.chair()).close_debate(request).await?.into_inner().meeting)
    }

    pub async fn votes(
        &self,
        method: pb::MeetingVoteMethod,
        count: Option<pb::ShowOfHands>,
    ) -> Result<pb::Meeting, tonic::Status> {
        let request = pb::VoteOnMotionRequest {
            meeting_id: self.id.clone(),
            method: method as i32,
            count,
            roll_call: Vec::new(),
        };
        let voted = meetings(self.recorder()).vote_on_motion(request).await?.into_inner();
        Ok(voted.meeting.unwrap_or_default())
    }

    pub async fn is(&self) -> Result<pb::Meeting> {
        let request = pb::GetMeetingRequest { meeting_id: self.id.clone() };
        shown(meetings(self.recorder()).get_meeting(request).await?.into_inner().meeting)
    }

    /// All lines of the minutes, read in small pages.
    pub async fn minutes(&self) -> Result<Vec<pb::MinuteLine>> {
        let mut request =
            pb::ListMinutesRequest { meeting_id: self.id.clone(), page_size: 4, ..Default::default() };
        let mut lines = Vec::new();
        loop {
            let page = meetings(self.recorder()).list_minutes(request.clone()).await?.into_inner();
            lines.extend(page.lines);
            if page.next_page_token.is_empty() {
                return Ok(lines);
            }
            request.page_token = page.next_page_token;
        }
    }
}

pub fn count(ayes: i32, noes: i32, abstentions: i32) -> Option<pb::ShowOfHands> {
    Some(pb::ShowOfHands { ayes, noes, abstentions })
}

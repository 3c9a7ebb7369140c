//! Meetings as a recorder and a chair lead them.

use anyhow::{Context, Result};
use gongzhi_harness::wait_until;
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::from_wire;
use jiff::SignedDuration;
use tonic::Code;

use crate::session::{Session, TEXT, count, seats};
use crate::town::{Town, fields, meetings, reason};

fn queue(meeting: &pb::Meeting) -> Vec<i32> {
    meeting.queue.iter().map(|hand| hand.seat).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_motion_is_debated_by_rules_amended_and_decided() -> Result<()> {
    use pb::MotionSide::{Against, For};
    let town = Town::new().await?;
    let session = Session::convened(&town, &["充电棚", "电梯"]).await?;
    session.opens(&[1, 2, 3, 4]).await?;
    session.debates(TEXT).await?;
    for (seat, side) in [(1, For), (2, For), (3, For), (4, Against)] {
        session.raises(seat, side).await?;
    }
    assert_eq!(queue(&session.is().await?), [1, 4, 2, 3]);
    let favoured = session.recognises(2).await.unwrap_err();
    assert_eq!(reason(&favoured), "NOT_NEXT");
    assert!(favoured.message().contains("seat 1 is next"), "{favoured:?}");
    let recognised = session.recognises(1).await?;
    let turn = recognised.turn.context("a turn")?;
    let (started, ends) = (from_wire(turn.started_at.as_ref()), from_wire(turn.ends_at.as_ref()));
    assert_eq!(ends.unwrap().duration_since(started.unwrap()), SignedDuration::from_secs(120));
    town.clock.advance(SignedDuration::from_secs(100));
    session.ends(80).await?;
    session.recognises(4).await?;
    let spoken = session.speaks(60).await?;
    let time = spoken.speaking_time.clone().context("times")?;
    assert_eq!((time.state_seconds, time.social_seconds), (80, 60));
    assert!((time.blocks_jain - 140.0_f64.powi(2) / (2.0 * 10_000.0)).abs() < 1e-9);
    assert!((time.state_jain - 0.5).abs() < 1e-9, "one of two parties has spoken alone");
    assert_eq!(time.parties.len(), 4);
    assert_eq!(queue(&spoken), [3, 2], "society has spoken for less time");

    let text = "九幢北侧建充电棚, 物业三个月内完成";
    let amend = pb::MoveAmendmentRequest { meeting_id: session.id.clone(), seat: 4, text: text.into() };
    meetings(&town.worker).move_amendment(amend).await?;
    assert_eq!(reason(&session.recognises(3).await.unwrap_err()), "NOT_SECONDED");
    let second = pb::SecondAmendmentRequest { meeting_id: session.id.clone(), seat: 2 };
    meetings(&town.worker).second_amendment(second).await?;
    let vote = pb::VoteOnAmendmentRequest { meeting_id: session.id.clone(), count: count(3, 1, 0) };
    let amended = meetings(&town.worker).vote_on_amendment(vote).await?.into_inner().meeting.unwrap();
    assert_eq!(amended.motion.context("a motion")?.text, text);

    let closure = |ayes| pb::CloseDebateRequest {
        meeting_id: session.id.clone(),
        vote: Some(pb::ClosureVote { mover_seat: 1, seconder_seat: 4, count: count(ayes, 0, 1) }),
    };
    let open = meetings(&town.secretary).close_debate(closure(2)).await?.into_inner().meeting.unwrap();
    assert_eq!(open.motion.unwrap().phase, pb::MotionPhase::Debated as i32, "two of four are not two thirds");
    meetings(&town.secretary).close_debate(closure(3)).await?;
    let decided = session.votes(pb::MeetingVoteMethod::ShowOfHands, count(3, 1, 0)).await?;
    assert!(decided.motion.is_none());
    let motion = &decided.decided[0];
    assert_eq!((motion.text.as_str(), motion.outcome()), (text, pb::MotionOutcome::Carried));
    assert_eq!(motion.count, count(3, 1, 0));
    let again = session.debates(text).await.unwrap_err().downcast::<tonic::Status>()?;
    assert_eq!(reason(&again), "DECIDED_BEFORE");

    let close = pb::CloseMeetingRequest { meeting_id: session.id.clone() };
    let closed = meetings(&town.secretary).close_meeting(close).await?.into_inner().meeting.unwrap();
    assert_eq!(closed.status(), pb::MeetingStatus::Closed);
    let told = town.told().await?;
    assert_eq!(
        told[told.len() - 4..],
        ["meeting_convened", "meeting_opened", "motion_decided", "meeting_closed"]
    );
    check_minutes(&session, &closed).await?;
    town.bench.stop().await
}

async fn check_minutes(session: &Session<'_>, closed: &pb::Meeting) -> Result<()> {
    use pb::MinuteKind as Kind;
    let lines = session.minutes().await?;
    let kinds: Vec<_> = lines.iter().map(pb::MinuteLine::kind).collect();
    let voted = [Kind::AmendmentDecided, Kind::ClosureDecided, Kind::ClosureDecided, Kind::DebateClosed];
    let start = [Kind::MeetingConvened, Kind::MeetingOpened, Kind::MotionMoved, Kind::MotionSeconded];
    assert_eq!(kinds[..4], start);
    assert_eq!(kinds[15..19], voted, "{kinds:?}");
    assert_eq!(kinds[19..], [Kind::MotionDecided, Kind::MeetingClosed]);
    assert_eq!(lines[19].count, count(3, 1, 0));
    let spoken: Vec<_> = lines.iter().filter(|line| line.kind() == Kind::SpeechEnded).collect();
    assert_eq!((spoken[0].seconds, spoken[0].clock_seconds), (80, 100), "both are seen");
    let versions: Vec<_> = lines.iter().map(|line| line.version).collect();
    assert_eq!(versions, (1..=closed.version).collect::<Vec<_>>(), "every change is a line");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_ends_by_itself_and_a_page_sees_it_by_the_version() -> Result<()> {
    let town = Town::new().await?;
    let session = Session::convened(&town, &["充电棚"]).await?;
    session.opens(&[1, 3, 4]).await?;
    session.debates(TEXT).await?;
    session.raises(3, pb::MotionSide::For).await?;
    let speaks = session.recognises(3).await?;
    let request = pb::EndSpeechRequest { meeting_id: session.id.clone(), seconds_used: 90 };
    let early = meetings(&town.worker).end_speech(request).await.unwrap_err();
    assert_eq!(reason(&early), "LONGER_THAN_CLOCK");
    town.clock.advance(SignedDuration::from_secs(121));
    let after = wait_until("the turn has ended", async || {
        let meeting = session.is().await?;
        Ok(if meeting.turn.is_none() { Ok(meeting) } else { Err("somebody speaks".into()) })
    })
    .await?;
    assert_eq!(after.version, speaks.version + 1);
    assert_eq!(after.speaking_time.context("times")?.social_seconds, 120);
    session.raises(3, pb::MotionSide::For).await?;
    session.recognises(3).await?;
    session.speaks(10).await?;
    let thrice = session.raises(3, pb::MotionSide::For).await.unwrap_err().downcast::<tonic::Status>()?;
    assert_eq!(reason(&thrice), "TURNS_USED");
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_decided_without_a_quorum_and_few_secret_votes_are_not_counted_out() -> Result<()> {
    let town = Town::new().await?;
    let (agenda_id, topics) = town.publishes(&["充电棚"]).await?;
    let session = Session::on(&town, agenda_id.clone(), topics.clone(), seats()).await?;
    let few = session.opens(&[1, 3]).await.unwrap_err().downcast::<tonic::Status>()?;
    assert_eq!(reason(&few), "NO_QUORUM");
    session.opens(&[1, 3, 4]).await?;
    session.debates(TEXT).await?;
    session.closes_debate().await?;
    let presence = |seat, presence: pb::Presence| pb::MarkPresenceRequest {
        meeting_id: session.id.clone(),
        seat,
        presence: presence as i32,
    };
    meetings(&town.worker).mark_presence(presence(4, pb::Presence::Left)).await?;
    let secret = pb::MeetingVoteMethod::Secret;
    assert_eq!(reason(&session.votes(secret, count(2, 0, 0)).await.unwrap_err()), "NO_QUORUM");
    meetings(&town.worker).mark_presence(presence(5, pb::Presence::Present)).await?;
    assert_eq!(reason(&session.votes(secret, count(2, 1, 1)).await.unwrap_err()), "TOO_MANY_VOTES");
    let decided = session.votes(secret, count(1, 1, 1)).await?;
    assert_eq!(decided.decided[0].outcome(), pb::MotionOutcome::Lost, "a tie fails");
    assert_eq!(decided.decided[0].count, None);
    assert!(session.minutes().await?.iter().all(|line| line.count.is_none()));
    let body: Vec<u8> = sqlx::query_scalar("select body from outbox order by seq desc limit 1")
        .fetch_one(&town.schema().await?)
        .await?;
    let body = String::from_utf8(body)?;
    assert!(body.contains("motion_decided") && !body.contains("ayes"), "{body}");

    // What was decided does not come back on the same day in another meeting either, and does on the next day.
    let other = Session::on(&town, agenda_id, topics, seats()).await?;
    other.opens(&[1, 3, 4]).await?;
    let same_day = other.debates(TEXT).await.unwrap_err().downcast::<tonic::Status>()?;
    assert_eq!(reason(&same_day), "DECIDED_BEFORE");
    town.clock.advance(SignedDuration::from_hours(24));
    other.debates(TEXT).await?;
    let lapse = pb::LapseMotionRequest { meeting_id: other.id.clone() };
    let lapsed = meetings(&town.secretary).lapse_motion(lapse).await.unwrap_err();
    assert_eq!(reason(&lapsed), "NOTHING_LAPSES");
    let listed = pb::ListMeetingsRequest { area_code: town.community(), page_size: 1, ..Default::default() };
    let listed = meetings(&town.worker).list_meetings(listed).await?.into_inner();
    let newest = &listed.meetings[0];
    assert_eq!((newest.meeting_id.as_str(), newest.seats, newest.present), (other.id.as_str(), 5, 3));
    assert!(!listed.next_page_token.is_empty());
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ruling_can_be_appealed_and_a_repeat_is_answered_as_before() -> Result<()> {
    let town = Town::new().await?;
    let session = Session::convened(&town, &["充电棚"]).await?;
    session.opens(&[1, 2, 3]).await?;
    let rule = pb::MakeRulingRequest { meeting_id: session.id.clone(), text: "该发言离题".into() };
    meetings(&town.secretary).make_ruling(rule.clone()).await?;
    let mut once = pb::meeting_service_client::MeetingServiceClient::new(
        town.secretary.calls_with_key("the-same-ruling"),
    );
    let first = once.make_ruling(rule.clone()).await?.into_inner();
    assert_eq!(once.make_ruling(rule).await?.into_inner(), first);
    let appeal = |ruling, ayes| pb::AppealRulingRequest {
        meeting_id: session.id.clone(),
        ruling,
        seat: 3,
        seconder_seat: 2,
        count: count(ayes, 1, 0),
    };
    meetings(&town.worker).appeal_ruling(appeal(1, 2)).await?;
    let appealed = meetings(&town.worker).appeal_ruling(appeal(2, 1)).await?.into_inner().meeting.unwrap();
    let outcomes: Vec<_> = appealed.rulings.iter().map(pb::Ruling::appeal).collect();
    assert_eq!(outcomes, [pb::MotionOutcome::Carried, pb::MotionOutcome::Lost], "a tie sustains");
    let twice = meetings(&town.worker).appeal_ruling(appeal(1, 2)).await.unwrap_err();
    assert_eq!(reason(&twice), "ALREADY_APPEALED");
    let chairs = pb::MakeRulingRequest { meeting_id: session.id.clone(), text: "我来主持".into() };
    let denied = meetings(&town.worker).make_ruling(chairs).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied, "who records does not chair");
    let other = town.bench.person("POST_COMMUNITY_SECRETARY", &town.bench.area("001053"));
    let get = pb::GetMeetingRequest { meeting_id: session.id.clone() };
    assert_eq!(meetings(&other).get_meeting(get).await.unwrap_err().code(), Code::PermissionDenied);
    let minutes = pb::ListMinutesRequest { meeting_id: session.id.clone(), ..Default::default() };
    assert_eq!(meetings(&other).list_minutes(minutes).await.unwrap_err().code(), Code::PermissionDenied);
    let close = pb::CloseMeetingRequest { meeting_id: session.id.clone() };
    assert_eq!(meetings(&other).close_meeting(close).await.unwrap_err().code(), Code::PermissionDenied);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_that_is_wrong_is_named_at_once_and_nothing_is_stored() -> Result<()> {
    let town = Town::new().await?;
    let waiting = town.proposes("还没有列入议程").await?;
    let named =
        pb::MeetingSeat { number: 2, block: 9, party: "王先生 13805712345".into(), present: false };
    let state = pb::MeetingSeat { number: 1, block: 1, party: "街道".into(), present: false };
    let wrong = pb::ConveneMeetingRequest {
        agenda_id: "x".into(),
        topic_ids: vec!["y".into()],
        seats: vec![state.clone(), named],
    };
    let wrong = meetings(&town.secretary).convene_meeting(wrong).await.unwrap_err();
    assert_eq!(fields(&wrong), ["agenda_id", "topic_ids[0]", "seats[1].block", "seats[1].party"]);
    let social = pb::MeetingSeat { number: 3, block: 2, ..state.clone() };
    let wrong = pb::ConveneMeetingRequest { seats: vec![state.clone(), social], ..Default::default() };
    let wrong = meetings(&town.secretary).convene_meeting(wrong).await.unwrap_err();
    assert_eq!(fields(&wrong), ["agenda_id", "topic_ids", "seats[1].number", "seats[1].party"]);
    let other = pb::MeetingSeat { number: 2, ..state.clone() };
    let alone = pb::ConveneMeetingRequest { seats: vec![state, other], ..Default::default() };
    let alone = meetings(&town.secretary).convene_meeting(alone).await.unwrap_err();
    assert_eq!(fields(&alone), ["agenda_id", "topic_ids", "seats"], "both blocks have seats");
    let early = pb::ConveneMeetingRequest {
        agenda_id: uuid::Uuid::now_v7().to_string(),
        topic_ids: vec![waiting],
        seats: seats(),
    };
    let early = meetings(&town.secretary).convene_meeting(early).await.unwrap_err();
    assert_eq!(reason(&early), "NOT_ON_AGENDA");
    let wrong = pb::MoveMotionRequest { seat: 0, text: "短".into(), ..Default::default() };
    let wrong = meetings(&town.worker).move_motion(wrong).await.unwrap_err();
    assert_eq!(fields(&wrong), ["meeting_id", "seat", "topic_id", "text"]);
    let vote = pb::VoteOnMotionRequest {
        meeting_id: "x".into(),
        method: pb::MeetingVoteMethod::Secret as i32,
        count: count(-1, 999, 0),
        roll_call: vec![pb::SeatVote { seat: 1, choice: 1 }],
    };
    let wrong = meetings(&town.worker).vote_on_motion(vote).await.unwrap_err();
    assert_eq!(fields(&wrong), ["meeting_id", "roll_call", "count.ayes", "count.noes"]);
    let vote = pb::VoteOnMotionRequest {
        method: pb::MeetingVoteMethod::RollCall as i32,
        count: count(1, 0, 0),
        roll_call: vec![pb::SeatVote { seat: 1, choice: 7 }, pb::SeatVote { seat: 1, choice: 1 }],
        ..Default::default()
    };
    let wrong = meetings(&town.worker).vote_on_motion(vote).await.unwrap_err();
    assert_eq!(fields(&wrong), ["meeting_id", "count", "roll_call[0].choice", "roll_call[1].seat"]);
    check_smaller_requests(&town).await?;
    let stored: i64 = sqlx::query_scalar("select count(*) from aggregates where kind = 'meeting'")
        .fetch_one(&town.schema().await?)
        .await?;
    assert_eq!(stored, 0);
    town.bench.stop().await
}

async fn check_smaller_requests(town: &Town) -> Result<()> {
    let open = pb::OpenMeetingRequest { meeting_id: "x".into(), present_seats: vec![1, 1, 0] };
    let wrong = meetings(&town.secretary).open_meeting(open).await.unwrap_err();
    assert_eq!(fields(&wrong), ["meeting_id", "present_seats[2]", "present_seats"]);
    let wrong = meetings(&town.worker).mark_presence(pb::MarkPresenceRequest::default()).await.unwrap_err();
    assert_eq!(fields(&wrong), ["meeting_id", "seat", "presence"]);
    let wrong = meetings(&town.worker).raise_hand(pb::RaiseHandRequest::default()).await.unwrap_err();
    assert_eq!(fields(&wrong), ["meeting_id", "seat", "side"]);
    let end = pb::EndSpeechRequest { meeting_id: String::new(), seconds_used: -1 };
    let wrong = meetings(&town.worker).end_speech(end).await.unwrap_err();
    assert_eq!(fields(&wrong), ["meeting_id", "seconds_used"]);
    let close = pb::CloseDebateRequest { meeting_id: "x".into(), vote: Some(pb::ClosureVote::default()) };
    let wrong = meetings(&town.secretary).close_debate(close).await.unwrap_err();
    assert_eq!(fields(&wrong), ["meeting_id", "vote.mover_seat", "vote.seconder_seat", "vote.count"]);
    let wrong = meetings(&town.worker).appeal_ruling(pb::AppealRulingRequest::default()).await.unwrap_err();
    assert_eq!(fields(&wrong), ["meeting_id", "ruling", "seat", "seconder_seat", "count"]);
    let list = pb::ListMinutesRequest { meeting_id: "x".into(), page_size: 999, page_token: "?".into() };
    let wrong = meetings(&town.worker).list_minutes(list).await.unwrap_err();
    assert_eq!(fields(&wrong), ["meeting_id", "page_size", "page_token"]);
    Ok(())
}

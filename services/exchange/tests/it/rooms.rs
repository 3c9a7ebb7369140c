//! Organizations judge together: each sees of one timeline what its rights allow, and what they come to goes on the bus.

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::StreamExt;
use gongzhi_chassis::client::Calling;
use gongzhi_harness::Person;
use gongzhi_proto::dispatch::v1 as dispatch;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::room_entry::Content;
use gongzhi_proto::exchange::v1::room_service_client::RoomServiceClient;
use gongzhi_proto::exchange::v1::room_subject::About;
use gongzhi_proto::exchange::v1::timeline_item::Item;
use gongzhi_proto::subjects::Audience;
use jiff::SignedDuration;
use tonic::Code;
use tonic_types::StatusExt;
use uuid::Uuid;

use crate::town::{Town, area_of, department_of, fact, grants, reason};

/// Fields that were found wrong.
pub fn fields(status: &tonic::Status) -> Vec<String> {
    let violations = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    violations.into_iter().map(|violation| violation.field).collect()
}

/// A picture of one point.
pub const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b, 0x55, 0x00,
    0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x68, 0x00, 0x00, 0x00, 0x82, 0x00, 0x81,
    0x77, 0xcd, 0x72, 0xb6, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

pub fn rooms(who: &Person) -> RoomServiceClient<Calling> {
    RoomServiceClient::new(who.calls()).max_encoding_message_size(32 << 20)
}

/// The sub-district's officer, who opens rooms.
pub fn officer(town: &Town) -> Person {
    town.bench.person("POST_SUB_DISTRICT_DUTY_OFFICER", &town.bench.area("001"))
}

fn opening(town: &Town, about: Option<About>) -> pb::OpenRoomRequest {
    pb::OpenRoomRequest {
        organization: area_of(town, "001"),
        subject: Some(pb::RoomSubject { area_code: town.bench.area("001052").to_string(), about }),
        title: "消防通道占用".into(),
        question: "占用反复发生,谁来管,怎样管住".into(),
        called: [department_of("fire-rescue"), department_of("housing")].into_iter().flatten().collect(),
    }
}

pub async fn opened(town: &Town, officer: &Person, about: Option<About>) -> Result<String> {
    let room = rooms(officer).open_room(opening(town, about)).await?.into_inner().room;
    Ok(room.context("no room")?.room_id)
}

async fn timeline(
    who: &Person,
    organization: Option<pb::Organization>,
    room_id: &str,
    page_size: i32,
) -> Result<Vec<Item>> {
    let (mut items, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListTimelineRequest {
            room_id: room_id.into(),
            organization: organization.clone(),
            page_size,
            page_token,
        };
        let answer = rooms(who).list_timeline(request).await?.into_inner();
        items.extend(answer.items.into_iter().filter_map(|item| item.item));
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(items);
        }
    }
}

/// What a timeline shows, in words.
fn told(items: &[Item]) -> Vec<String> {
    let word = |item: &Item| match item {
        Item::Fact(fact) => fact.fact.clone(),
        Item::Entry(entry) => match &entry.content {
            Some(Content::Note(text)) => format!("note {text}"),
            Some(Content::Assessment(assessment)) => format!("finding {}", assessment.finding),
            Some(Content::Evidence(evidence)) => format!("{} {}", evidence.media_type, evidence.bytes),
            None => format!("withdrawn: {}", entry.withdrawn_because),
        },
    };
    items.iter().map(word).collect()
}

pub fn note(room_id: &str, organization: &Option<pb::Organization>, text: &str) -> pb::AddNoteRequest {
    pb::AddNoteRequest { room_id: room_id.into(), organization: organization.clone(), text: text.into() }
}

pub fn picture(room_id: &str, organization: &Option<pb::Organization>) -> pb::AddEvidenceRequest {
    pb::AddEvidenceRequest {
        room_id: room_id.into(),
        organization: organization.clone(),
        file_name: "现场.png".into(),
        caption: "三号楼前".into(),
        content: PNG.to_vec(),
    }
}

/// The summary as the fire brigade receives it at its address: once, although everybody in the area is told as well.
async fn summary_for(town: &Town, organization: Option<pb::Organization>) -> Result<serde_json::Value> {
    let subscribed = pb::SubscribeRequest {
        organization,
        filter: Some(pb::Filter { facts: vec!["exchange.room_closed".into()], ..Default::default() }),
        start: Some(pb::Start { start: Some(pb::start::Start::Beginning(true)) }),
        ..Default::default()
    };
    let subscription = town.pulls(&town.fire, subscribed).await?;
    let taken = gongzhi_harness::wait_until("the summary", || async {
        let taken = town.takes(&town.fire_system, &subscription).await?;
        Ok(if taken.is_empty() { Err("nothing came".into()) } else { Ok(taken) })
    })
    .await?;
    assert_eq!(taken.len(), 1);
    Ok(serde_json::from_str(&taken[0].event)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sees_of_a_case_what_its_rights_allow() -> Result<()> {
    let town = Town::new().await?;
    let officer = officer(&town);
    let (case, other) = (Uuid::now_v7(), Uuid::now_v7());
    town.registered(case, "001052", "fire.lane.obstructed").await?;
    town.registered(other, "001052", "fire.lane.obstructed").await?;
    town.clock.advance(SignedDuration::from_mins(1));
    // One event that says something else to each of two departments.
    town.whistled(case, "001052", "fire-rescue").await?;
    town.whistled(case, "001052", "housing").await?;
    // What names the case in another community concerns another place.
    town.registered(case, "001001", "fire.lane.obstructed").await?;
    let room = opened(&town, &officer, Some(About::CaseId(case.to_string()))).await?;

    let street = area_of(&town, "001");
    assert_eq!(
        told(&timeline(&officer, street.clone(), &room, 0).await?),
        ["dispatch.case_registered", "dispatch.whistle_sounded", "dispatch.whistle_sounded"]
    );
    assert_eq!(
        told(&timeline(&town.fire, department_of("fire-rescue"), &room, 0).await?),
        ["dispatch.whistle_sounded"]
    );
    assert_eq!(timeline(&town.housing, department_of("housing"), &room, 0).await?.len(), 1);
    // A place in a list tells nothing of what may not be seen.
    let request = pb::ListTimelineRequest {
        room_id: room.clone(),
        organization: department_of("housing"),
        page_size: 1,
        page_token: String::new(),
    };
    let page = rooms(&town.housing).list_timeline(request.clone()).await?.into_inner();
    assert_eq!(page.items, [], "the registration is not for it");
    let token = String::from_utf8(URL_SAFE_NO_PAD.decode(page.next_page_token)?)?;
    assert!(token.parse::<Uuid>().is_ok(), "{token}");
    let spoiled = pb::ListTimelineRequest { page_token: "Li4v".into(), ..request };
    assert_eq!(rooms(&town.housing).list_timeline(spoiled).await.unwrap_err().code(), Code::InvalidArgument);

    // A grant lets more be seen, as much as it says, and until it ends.
    let grant_id =
        town.granted(vec![fact("dispatch.case_registered", &["category_code"])], "001", 30).await?;
    let seen = timeline(&town.fire, department_of("fire-rescue"), &room, 0).await?;
    assert_eq!(told(&seen), ["dispatch.case_registered", "dispatch.whistle_sounded"]);
    let Some(Item::Fact(registered)) = seen.first() else { anyhow::bail!("no fact") };
    let event: serde_json::Value = serde_json::from_str(&registered.event)?;
    assert_eq!(event["data"], serde_json::json!({ "categoryCode": "fire.lane.obstructed" }));
    let revoke = pb::RevokeGrantRequest { grant_id, reason: "用途已完成".into() };
    grants(&town.operator).revoke_grant(revoke).await?;
    assert_eq!(
        told(&timeline(&town.fire, department_of("fire-rescue"), &room, 0).await?),
        ["dispatch.whistle_sounded"]
    );

    // What happens later is there at the next look, in its place.
    town.clock.advance(SignedDuration::from_mins(1));
    let accepted = dispatch::CaseAccepted { case_id: case.to_string(), ..Default::default() };
    town.tells((case, 3), "001052", Audience::All, accepted).await?;
    assert_eq!(
        told(&timeline(&officer, street, &room, 1).await?),
        [
            "dispatch.case_registered",
            "dispatch.whistle_sounded",
            "dispatch.whistle_sounded",
            "dispatch.case_accepted"
        ]
    );
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_category_gathers_what_hangs_on_its_cases() -> Result<()> {
    let town = Town::new().await?;
    let officer = officer(&town);
    let (lane, noise) = (Uuid::now_v7(), Uuid::now_v7());
    town.registered(lane, "001052", "fire.lane.obstructed").await?;
    town.registered(noise, "001052", "noise.night").await?;
    let whistle = dispatch::DepartmentSignedFor {
        whistle_id: "0192f0c1-7a00-7000-8000-00000000000a".into(),
        case_id: lane.to_string(),
        department_code: "fire-rescue".into(),
        ..Default::default()
    };
    town.tells((lane, 2), "001052", Audience::All, whistle).await?;
    town.registered(Uuid::now_v7(), "001052", "fire.lanes").await?;
    let fire = opened(&town, &officer, Some(About::CategoryCode("fire.lane".into()))).await?;
    let place = opened(&town, &officer, None).await?;
    let street = area_of(&town, "001");
    assert_eq!(
        told(&timeline(&officer, street.clone(), &fire, 0).await?),
        ["dispatch.case_registered", "dispatch.department_signed_for"]
    );
    let everything = told(&timeline(&officer, street, &place, 2).await?);
    assert_eq!(everything.iter().filter(|fact| *fact == "dispatch.case_registered").count(), 3);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_stays_in_the_room_and_its_summary_goes_on_the_bus() -> Result<()> {
    let town = Town::new().await?;
    let officer = officer(&town);
    let room = opened(&town, &officer, None).await?;
    let (street, fire) = (area_of(&town, "001"), department_of("fire-rescue"));
    rooms(&officer).add_note(note(&room, &street, "一周三次被占")).await?;
    let assessment = pb::AddAssessmentRequest {
        room_id: room.clone(),
        organization: fire.clone(),
        assessment: Some(pb::Assessment {
            finding: "车道宽度不足四米".into(),
            proposal: "划线并每周巡查".into(),
            department_codes: vec!["urban-management".into()],
        }),
    };
    rooms(&town.fire).add_assessment(assessment).await?;
    let evidence = picture(&room, &fire);
    let entry =
        rooms(&town.fire).add_evidence(evidence.clone()).await?.into_inner().entry.context("no entry")?;

    // Everybody in the room reads the same bytes.
    let read = pb::ReadEvidenceRequest {
        room_id: room.clone(),
        organization: street.clone(),
        entry_id: entry.entry_id.clone(),
    };
    let mut pieces = rooms(&officer).read_evidence(read.clone()).await?.into_inner();
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.next().await {
        bytes.extend(piece?.piece);
    }
    assert_eq!(bytes, PNG);
    assert_eq!(
        told(&timeline(&officer, street.clone(), &room, 0).await?)
            .into_iter()
            .filter(|what| !what.starts_with("exchange."))
            .collect::<Vec<_>>(),
        ["note 一周三次被占", "finding 车道宽度不足四米", &format!("image/png {}", PNG.len())]
    );

    // What is withdrawn is gone for those who look; only whose it is withdraws it.
    let withdraw = pb::WithdrawEntryRequest { entry_id: entry.entry_id, reason: "拍错地点".into() };
    let refused = rooms(&officer).withdraw_entry(withdraw.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    rooms(&town.fire).withdraw_entry(withdraw.clone()).await?;
    assert_eq!(rooms(&officer).read_evidence(read).await.err().map(|gone| gone.code()), Some(Code::NotFound));
    assert!(
        told(&timeline(&officer, street.clone(), &room, 0).await?).contains(&"withdrawn: 拍错地点".into())
    );
    let again = rooms(&town.fire).withdraw_entry(withdraw).await.unwrap_err();
    assert_eq!(reason(&again), "ALREADY_WITHDRAWN");

    // Who opened it closes it; then nothing more is said.
    let close = pb::CloseRoomRequest {
        room_id: room.clone(), summary: "由城管每周两次巡查,社区回访".into()
    };
    assert_eq!(rooms(&town.fire).close_room(close.clone()).await.unwrap_err().code(), Code::NotFound);
    let closed = rooms(&officer).close_room(close).await?.into_inner().room.context("no room")?;
    assert_eq!((closed.status, closed.entries), (pb::RoomStatus::Closed as i32, 3));
    let late = rooms(&officer).add_note(note(&room, &street, "还有一事")).await.unwrap_err();
    assert_eq!(reason(&late), "CLOSED");
    // Its bytes were put away before the room said no; they are gone again.
    let late = rooms(&town.fire).add_evidence(evidence).await.unwrap_err();
    assert_eq!(reason(&late), "CLOSED");

    let event = summary_for(&town, fire).await?;
    assert_eq!(
        (&event["data"]["summary"], &event["data"]["entries"]),
        (&"由城管每周两次巡查,社区回访".into(), &3.into())
    );
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_in_a_room_learns_nothing_of_it() -> Result<()> {
    let town = Town::new().await?;
    let officer = officer(&town);
    let room = opened(&town, &officer, None).await?;
    let stranger = town.bench.liaison("urban-management");
    let of_stranger = department_of("urban-management");
    let get = |organization: &Option<pb::Organization>| pb::GetRoomRequest {
        room_id: room.clone(),
        organization: organization.clone(),
    };
    let code = |outcome: Result<_, tonic::Status>| outcome.map(drop).unwrap_err().code();
    assert_eq!(code(rooms(&stranger).get_room(get(&of_stranger)).await), Code::NotFound);
    // Nobody speaks for others.
    assert_eq!(code(rooms(&stranger).get_room(get(&department_of("housing"))).await), Code::PermissionDenied);
    assert_eq!(
        code(rooms(&town.operator).get_room(get(&area_of(&town, "001"))).await),
        Code::PermissionDenied
    );
    let call = pb::CallOrganizationRequest { room_id: room.clone(), called: of_stranger.clone() };
    assert_eq!(rooms(&town.fire).call_organization(call.clone()).await.unwrap_err().code(), Code::NotFound);
    rooms(&officer).call_organization(call.clone()).await?;
    let room_of_stranger = rooms(&stranger).get_room(get(&of_stranger)).await?.into_inner().room;
    assert_eq!(room_of_stranger.context("no room")?.called.len(), 3);
    assert_eq!(reason(&rooms(&officer).call_organization(call).await.unwrap_err()), "ALREADY_CALLED");
    let list = pb::ListRoomsRequest {
        organization: of_stranger,
        statuses: vec![pb::RoomStatus::Open as i32],
        ..Default::default()
    };
    assert_eq!(rooms(&stranger).list_rooms(list).await?.into_inner().rooms.len(), 1);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_is_said_at_once_and_nothing_is_kept() -> Result<()> {
    let town = Town::new().await?;
    let officer = officer(&town);
    let wrong = pb::OpenRoomRequest {
        organization: area_of(&town, "001"),
        subject: Some(pb::RoomSubject {
            area_code: "440300".into(),
            about: Some(About::CaseId("no case".into())),
        }),
        title: "一".into(),
        question: "住户13812345678反复投诉".into(),
        called: [area_of(&town, "001"), department_of("housing"), department_of("housing")]
            .into_iter()
            .flatten()
            .collect(),
    };
    let refused = rooms(&officer).open_room(wrong).await.unwrap_err();
    assert_eq!(
        fields(&refused),
        ["subject.area_code", "subject.case_id", "title", "question", "called[0]", "called[2]"]
    );

    town.bench.stop().await
}

//! Agendas: the system's order, the lot, another order with its reason, publication.

use anyhow::{Context, Result};
use gongzhi_proto::deliberation::v1 as pb;
use gongzhi_proto::time::from_wire;
use jiff::SignedDuration;
use tonic::Code;

use crate::town::{Town, agendas, fields, reason, topics};

fn request(town: &Town, places: i32) -> pb::DrawUpAgendaRequest {
    pb::DrawUpAgendaRequest {
        area_code: town.community(),
        title: "第四季度居民议事会".into(),
        meets_at: town.in_days(20),
        places,
        lot_source: "当日公开摇号,三枚号码球".into(),
    }
}

/// Eight topics: a large estate wants the first three, a small group the fourth, and the last touches safety.
async fn eight_topics(town: &Town) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for title in ["停车", "充电", "电梯", "楼道", "绿化", "门禁", "快递柜", "消防通道"] {
        ids.push(town.proposes(title).await?);
        town.clock.advance(SignedDuration::from_mins(1));
    }
    for wanted in &ids[..3] {
        town.supports(wanted, 0..6).await?;
    }
    town.supports(&ids[3], 10..13).await?;
    let gate = pb::Gate {
        kind: pb::GateKind::Safety as i32,
        due_on: "2026-12-01".into(),
        source: "消防检查整改通知 2026-11".into(),
    };
    topics(&town.secretary)
        .gate_topic(pb::GateTopicRequest { topic_id: ids[7].clone(), gate: Some(gate) })
        .await?;
    Ok(ids)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agenda_has_an_order_that_follows_from_rules() -> Result<()> {
    let town = Town::new().await?;
    let ids = eight_topics(&town).await?;
    let nameless = pb::PublishAgendaRequest { agenda_id: "x".into() };
    let wrong = agendas(&town.worker).publish_agenda(nameless).await.unwrap_err();
    assert_eq!(fields(&wrong), ["agenda_id"]);
    let agenda =
        agendas(&town.worker).draw_up_agenda(request(&town, 6)).await?.into_inner().agenda.context("one")?;
    let seats: Vec<_> = agenda
        .places
        .iter()
        .map(|place| (place.rule(), place.topic_id.as_str(), place.households, place.households_without))
        .collect();
    use pb::PlaceRule::{Gate, Lot, Support};
    assert_eq!(
        seats,
        [
            (Gate, ids[7].as_str(), 0, 0),
            (Support, ids[0].as_str(), 6, 6),
            (Support, ids[1].as_str(), 6, 0),
            (Support, ids[3].as_str(), 3, 3),
            (Support, ids[2].as_str(), 6, 0),
            (Lot, "", 0, 0),
        ]
    );
    assert_eq!(agenda.lot_candidates, ids[4..7]);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agenda_is_drawn_reordered_and_published() -> Result<()> {
    let town = Town::new().await?;
    let ids = eight_topics(&town).await?;
    let agenda =
        agendas(&town.worker).draw_up_agenda(request(&town, 6)).await?.into_inner().agenda.context("one")?;
    let publish = pb::PublishAgendaRequest { agenda_id: agenda.agenda_id.clone() };
    let early = agendas(&town.worker).publish_agenda(publish.clone()).await.unwrap_err();
    assert_eq!(reason(&early), "LOT_NOT_DRAWN");
    let draw = pb::DrawAgendaLotRequest { agenda_id: agenda.agenda_id.clone(), number: "047".into() };
    let drawn = agendas(&town.worker).draw_agenda_lot(draw.clone()).await?.into_inner().agenda.unwrap();
    assert_eq!(drawn.places[5].topic_id, ids[4 + 47 % 3]);
    assert_eq!(reason(&agendas(&town.worker).draw_agenda_lot(draw).await.unwrap_err()), "NO_LOT");

    let mut order = drawn.order.clone();
    order.swap(1, 3);
    let reorder = |topic_ids: &[String]| pb::ReorderAgendaRequest {
        agenda_id: agenda.agenda_id.clone(),
        topic_ids: topic_ids.to_vec(),
        reason: "物业合同月底到期,先议停车收费不利于谈判".into(),
    };
    let denied = agendas(&town.worker).reorder_agenda(reorder(&order)).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    let other = agendas(&town.secretary).reorder_agenda(reorder(&order[1..])).await.unwrap_err();
    assert_eq!(reason(&other), "OTHER_TOPICS");
    let reordered =
        agendas(&town.secretary).reorder_agenda(reorder(&order)).await?.into_inner().agenda.unwrap();
    assert_eq!(reordered.order, order);
    assert_eq!(reordered.places, drawn.places, "the system's order stays visible");
    assert!(reordered.reorder_reason.contains("物业合同"));

    let published = agendas(&town.worker).publish_agenda(publish.clone()).await?.into_inner().agenda.unwrap();
    let days = from_wire(published.votable_from.as_ref()).unwrap() - town.now();
    assert!((days.total(jiff::Unit::Hour)? - 15.0 * 24.0).abs() < 0.1);
    assert_eq!(reason(&agendas(&town.worker).publish_agenda(publish).await.unwrap_err()), "PUBLISHED");
    let scheduled = topics(&town.worker)
        .list_topics(pb::ListTopicsRequest {
            area_code: town.community(),
            status: pb::TopicStatus::Scheduled as i32,
            ..Default::default()
        })
        .await?
        .into_inner()
        .topics;
    assert_eq!(scheduled.len(), 6);
    assert!(scheduled.iter().all(|topic| topic.agenda_id == agenda.agenda_id));
    let word = pb::WordTopicRequest {
        topic_id: ids[0].clone(),
        title: "停车收费".into(),
        question: "停车收费怎样定?".into(),
    };
    assert_eq!(reason(&topics(&town.secretary).word_topic(word).await.unwrap_err()), "PUBLISHED");
    let told = town.told().await?;
    assert_eq!(told.iter().filter(|fact| *fact == "topic_scheduled").count(), 6);
    assert_eq!(told.iter().filter(|fact| *fact == "agenda_published").count(), 1);
    let listed = pb::ListAgendasRequest { area_code: town.community(), ..Default::default() };
    let listed = agendas(&town.worker).list_agendas(listed).await?.into_inner().agendas;
    assert_eq!(listed, [published]);
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agenda_of_nothing_is_refused_and_a_topic_that_came_to_nothing_waits_again() -> Result<()> {
    let town = Town::new().await?;
    let nothing = agendas(&town.worker).draw_up_agenda(request(&town, 3)).await.unwrap_err();
    assert_eq!(reason(&nothing), "NO_TOPICS");
    let wrong = pb::DrawUpAgendaRequest {
        area_code: "330105001".into(),
        meets_at: town.in_days(-1),
        places: 21,
        ..Default::default()
    };
    let wrong = agendas(&town.worker).draw_up_agenda(wrong).await.unwrap_err();
    assert_eq!(fields(&wrong), ["area_code", "title", "lot_source", "meets_at", "places"]);
    let topic = town.proposes("停车").await?;
    for days in [20, 40] {
        let agenda =
            agendas(&town.worker).draw_up_agenda(request(&town, 3)).await?.into_inner().agenda.unwrap();
        assert_eq!(agenda.order, std::slice::from_ref(&topic));
        let publish = pb::PublishAgendaRequest { agenda_id: agenda.agenda_id };
        agendas(&town.worker).publish_agenda(publish).await?;
        let while_it_waits = agendas(&town.worker).draw_up_agenda(request(&town, 3)).await.unwrap_err();
        assert_eq!(reason(&while_it_waits), "NO_TOPICS", "on day {days} it is on an agenda");
        town.clock.advance(SignedDuration::from_hours(24 * 21));
    }
    town.bench.stop().await
}

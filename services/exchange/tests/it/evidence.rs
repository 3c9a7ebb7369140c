//! What organizations show each other: only pictures and documents, without what a camera wrote beside them, and only as long as their entry stands.

use anyhow::{Context, Result};
use futures::TryStreamExt;
use gongzhi_chassis::objects::Objects;
use gongzhi_exchange::room::Sweeper;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::room_entry::Content;
use img_parts::png::{Png, PngChunk};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::rooms::{PNG, fields, note, officer, opened, picture, rooms};
use crate::town::{Town, area_of, reason};

/// A picture of so many bytes, with chunks that say something about it.
fn png(bytes: usize, about: &[([u8; 4], &str)]) -> Vec<u8> {
    let mut picture = Png::from_bytes(PNG.to_vec().into()).expect("a picture");
    let chunk = |kind, data: Vec<u8>| PngChunk::new(kind, data.into());
    for (kind, text) in about {
        picture.chunks_mut().insert(1, chunk(*kind, text.as_bytes().to_vec()));
    }
    let missing = bytes.saturating_sub(picture.len() + 12);
    let last = picture.chunks().len() - 1;
    if missing > 0 {
        picture.chunks_mut().insert(last, chunk(*b"IDAT", vec![7; missing]));
    }
    picture.encoder().bytes().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_in_the_store_is_the_picture_of_an_entry_that_stands() -> Result<()> {
    let town = Town::new().await?;
    let officer = officer(&town);
    let (street, room) = (area_of(&town, "001"), opened(&town, &officer, None).await?);
    // What was written beside the picture never gets there.
    let about = [(*b"tEXt", "Author\0Li"), (*b"iTXt", "XML:com.adobe.xmp\0GPSLatitude 30.3")];
    let told = pb::AddEvidenceRequest { content: png(0, &about), ..picture(&room, &street) };
    let entry = rooms(&officer).add_evidence(told).await?.into_inner().entry.context("no entry")?;
    let Some(Content::Evidence(kept)) = &entry.content else { anyhow::bail!("{entry:?}") };
    assert_eq!(usize::try_from(kept.bytes)?, PNG.len());
    let read = |entry_id: &str| pb::ReadEvidenceRequest {
        room_id: room.clone(),
        organization: street.clone(),
        entry_id: entry_id.into(),
    };
    let bytes = |entry_id: &str| {
        let (mut calls, request) = (rooms(&officer), read(entry_id));
        async move {
            let pieces: Vec<_> = calls.read_evidence(request).await?.into_inner().try_collect().await?;
            anyhow::Ok(pieces.into_iter().flat_map(|piece| piece.piece).collect::<Vec<_>>())
        }
    };
    assert_eq!(bytes(&entry.entry_id).await?, PNG);

    // Bytes of a call that broke off are swept; those of entries that stand, and those that are young, are not.
    let evidence = Objects::new(&town.bench.context.bus, "evidence", &town.bench.context.settings)?;
    evidence.put(&Uuid::now_v7().to_string(), b"of nobody").await?;
    let writer = town.bench.context.writer(gongzhi_exchange::NAME).await?;
    let sweeper = Sweeper { writer, evidence };
    let now = Timestamp::now();
    assert_eq!(sweeper.sweep(now - SignedDuration::from_hours(1)).await?, 0);
    assert_eq!(sweeper.sweep(now + SignedDuration::from_secs(60)).await?, 1);
    assert_eq!(sweeper.sweep(now + SignedDuration::from_secs(60)).await?, 0);
    assert_eq!(bytes(&entry.entry_id).await?, PNG);

    // A room takes 500 MiB, and more again when something is withdrawn.
    let large = pb::AddEvidenceRequest { content: png(20 << 20, &[]), ..picture(&room, &street) };
    let last = rooms(&officer).add_evidence(large.clone()).await?.into_inner();
    let last = last.entry.context("no entry")?.entry_id;
    // As if it were twenty-four of them: what is counted is what the record says.
    sqlx::query(
        "update aggregates set state = jsonb_set(state::jsonb, '{said,content,evidence,bytes}', '503316480') where id = $1",
    )
    .bind(&last)
    .execute(sweeper.writer.pool())
    .await?;
    let refused = rooms(&officer).add_evidence(large.clone()).await.unwrap_err();
    assert_eq!(reason(&refused), "TOO_MUCH_EVIDENCE");
    rooms(&officer).add_note(note(&room, &street, "满了")).await?;
    let withdraw = pb::WithdrawEntryRequest { entry_id: last, reason: "重复".into() };
    rooms(&officer).withdraw_entry(withdraw).await?;
    rooms(&officer).add_evidence(large).await?;
    town.bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_people_look_at_is_taken() -> Result<()> {
    let town = Town::new().await?;
    let officer = officer(&town);
    let room = opened(&town, &officer, None).await?;
    let evidence = |file_name: &str, content: &[u8]| pb::AddEvidenceRequest {
        room_id: room.clone(),
        organization: area_of(&town, "001"),
        file_name: file_name.into(),
        caption: String::new(),
        content: content.to_vec(),
    };
    let page = "<html><script>alert(1)</script></html>".as_bytes();
    for (name, content, field) in [
        ("图.jpg", PNG, "file_name"),
        ("a/b.png", PNG, "file_name"),
        ("网页.png", page, "content"),
        ("空.png", b"", "content"),
        ("程序.png", b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00", "content"),
    ] {
        let refused = rooms(&officer).add_evidence(evidence(name, content)).await.unwrap_err();
        assert_eq!(fields(&refused), [field], "{name}");
    }
    let refused =
        rooms(&officer).add_evidence(evidence("大.png", &png((20 << 20) + 1, &[]))).await.unwrap_err();
    assert_eq!(fields(&refused), ["content"]);
    rooms(&officer).add_evidence(evidence("大.png", &png(20 << 20, &[]))).await?;
    let damaged = &png(1_000, &[])[..700];
    let refused = rooms(&officer).add_evidence(evidence("断.png", damaged)).await.unwrap_err();
    assert_eq!(fields(&refused), ["content"]);
    let get = pb::GetRoomRequest { room_id: room.clone(), organization: area_of(&town, "001") };
    let room = rooms(&officer).get_room(get).await?.into_inner().room.context("no room")?;
    assert_eq!(room.entries, 1, "what was refused is not counted");
    town.bench.stop().await
}

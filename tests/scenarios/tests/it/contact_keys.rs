//! The master key of contact data is exchanged: whatever was filed under the former key is read as before, and with the new key alone when the exchange is
//! over. A district that began without a key is given one first.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use gongzhi_chassis::config::Settings;
use gongzhi_chassis::status::Code;
use gongzhi_dispatch::{exchange_keys, forget_kept_key};
use gongzhi_proto::dispatch::v1 as pb;

use crate::world::{World, cases, services};

/// Serves with these keys, in place of what was served before.
async fn with_keys(world: &mut World, keys: &str) -> Result<()> {
    let settings = Settings {
        contact_keys: Some(keys.parse().map_err(anyhow::Error::msg)?),
        ..(*world.bench.context.settings).clone()
    };
    world.bench.context.settings = Arc::new(settings);
    let services = services(&world.bench.context).await?;
    world.bench.serve(services).await?;
    // Whoever calls over the connection of before calls nobody.
    let community = world.bench.area("001052");
    world.grid_worker = world.bench.person("POST_GRID_WORKER", &community);
    Ok(())
}

async fn reads(world: &World, case_id: &str) -> Result<String, tonic::Status> {
    let request =
        pb::ReadContactRequest { case_id: case_id.into(), reporter: 1, purpose: "约定上门时间".into() };
    Ok(cases(&world.grid_worker).read_contact(request).await?.into_inner().contact)
}

async fn files(world: &World, spot: &str, contact: &str) -> Result<String> {
    let report = pb::RegisterCaseRequest { contact: contact.into(), ..world.report(spot) };
    let answer = cases(&world.grid_worker).register_case(report).await?.into_inner();
    Ok(answer.case.context("no case")?.case_id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_key_is_exchanged_and_everything_is_read_as_before() -> Result<()> {
    let mut world = World::with_replicas(1).await?;
    // Nobody gave a key at first: one is kept in the database.
    let first = files(&world, "1幢", "敲门找一号").await?;
    let pool = world.bench.context.writer(gongzhi_dispatch::NAME).await?.pool().clone();
    let (old, new, root) = ("a1".repeat(32), "b2".repeat(32), "c3".repeat(32));

    with_keys(&mut world, &format!("{old},deliberation:kept")).await?;
    assert_eq!(reads(&world, &first).await?, "敲门找一号", "the kept key opens, too");
    let second = files(&world, "2幢", "敲门找二号").await?;
    let settings = world.bench.context.settings.clone();
    let refused = forget_kept_key(&pool, &settings).await.unwrap_err();
    assert_eq!(refused.code(), Code::Refused, "the first record hangs on it");
    let moved = exchange_keys(&pool, &settings).await?;
    assert_eq!((moved.anew, moved.already, moved.foreign, moved.keeps), (1, 1, 0, true));
    let again = exchange_keys(&pool, &settings).await?;
    assert_eq!((again.anew, again.already, &again.fingerprint), (0, 2, &moved.fingerprint));
    assert!(forget_kept_key(&pool, &settings).await?);
    assert!(!forget_kept_key(&pool, &settings).await?, "none is kept any more");

    // Before anybody seals by the new key, everybody opens by both.
    with_keys(&mut world, &format!("{old},{new},deliberation:{root}")).await?;
    let third = files(&world, "3幢", "敲门找三号").await?;
    with_keys(&mut world, &format!("{new},{old},deliberation:{root}")).await?;
    let fourth = files(&world, "4幢", "敲门找四号").await?;
    let settings = world.bench.context.settings.clone();
    let moved = exchange_keys(&pool, &settings).await?;
    assert_eq!((moved.anew, moved.already, moved.foreign, moved.keeps), (3, 1, 0, false));
    assert_ne!(moved.fingerprint, again.fingerprint, "they hang on another key now");

    with_keys(&mut world, &format!("{new},deliberation:{root}")).await?;
    for (case_id, contact) in
        [(&first, "敲门找一号"), (&second, "敲门找二号"), (&third, "敲门找三号"), (&fourth, "敲门找四号")]
    {
        assert_eq!(reads(&world, case_id).await?, contact);
    }
    // The former key opens nothing, and says which it cannot open.
    with_keys(&mut world, &old).await?;
    assert!(reads(&world, &first).await.is_err());
    let settings = world.bench.context.settings.clone();
    let foreign = exchange_keys(&pool, &settings).await?;
    assert_eq!((foreign.anew, foreign.already, foreign.foreign), (0, 0, 4));
    assert!(foreign.named.contains(&format!("{first}/1")), "{:?}", foreign.named);
    let refused = forget_kept_key(&pool, &settings).await.unwrap_err();
    assert_eq!(refused.code(), Code::Refused);
    world.ends_well().await
}

//! Erasure: what a resident asked to be forgotten is nowhere any more: in no table, in no dump, on no message, and no key opens what is left.

use std::process::Command;

use anyhow::{Context as _, Result};
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use futures::StreamExt;
use gongzhi_proto::dispatch::v1 as pb;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sqlx::{AssertSqlSafe, Row};

use crate::world::{World, cases, reason};

/// Something that stands nowhere else.
const PLAIN: &str = "晚上敲门找沈阿婆,或打138-0571-2046";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_erased_can_be_read_nowhere_any_more() -> Result<()> {
    let world = World::new().await?;
    let mut report = world.report("12幢");
    report.contact = PLAIN.into();
    let answer = cases(&world.grid_worker).register_case(report).await?.into_inner();
    let case_id = answer.case.context("no case")?.case_id;
    // The reader finds it where it is: whoever has the master key opens what is stored.
    assert_eq!(opened(&world, &case_id).await?, vec![PLAIN.to_owned()]);

    let erase =
        pb::EraseContactRequest { case_id: case_id.clone(), reporter: 1, reason: "本人要求".into() };
    let denied = cases(&world.community).erase_contact(erase.clone()).await.unwrap_err();
    assert_eq!(denied.code(), tonic::Code::PermissionDenied, "who handles the case does not erase");
    let telling = pb::EraseContactRequest { reason: "不要再打13805712046".into(), ..erase.clone() };
    let refused = cases(&world.leader).erase_contact(telling).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::InvalidArgument, "a reason must not repeat what is erased");
    let other = pb::EraseContactRequest { reporter: 2, ..erase.clone() };
    assert_eq!(reason(&cases(&world.leader).erase_contact(other).await.unwrap_err()), "NO_SUCH_REPORTER");
    let offered = |case_id: String| async {
        let answer = cases(&world.leader).get_case(pb::GetCaseRequest { case_id }).await?.into_inner();
        Ok::<_, anyhow::Error>(answer.actions.iter().any(|action| action.rpc == "EraseContact"))
    };
    assert!(offered(case_id.clone()).await?);
    let first =
        cases(&world.leader).erase_contact(erase.clone()).await?.into_inner().case.context("no case")?;
    let again = cases(&world.leader).erase_contact(erase).await?.into_inner().case.context("no case")?;
    assert_eq!(first.version, again.version, "what is erased stays so");
    assert!(!offered(case_id.clone()).await?);

    let read =
        pb::ReadContactRequest {
            case_id: case_id.clone(), reporter: 1, purpose: "约定上门时间".into()
        };
    let gone = cases(&world.grid_worker).read_contact(read).await.unwrap_err();
    assert_eq!((gone.code(), reason(&gone).as_str()), (tonic::Code::FailedPrecondition, "CONTACT_ERASED"));
    assert_eq!(world.happened(&case_id).await?.last().map(String::as_str), Some("contact_erased"));

    assert_eq!(opened(&world, &case_id).await?, Vec::<String>::new());
    let needles = needles();
    let cells = cells(&world).await?;
    assert!(cells.iter().any(|cell| find(cell, case_id.as_bytes())), "the search looks at every row");
    let leaks = |bytes: &[u8]| needles.iter().any(|needle| find(bytes, needle));
    assert_eq!(cells.iter().filter(|cell| leaks(cell)).count(), 0, "a row holds it");
    let messages = messages(&world).await?;
    assert!(messages.iter().any(|message| find(message, b"contact_erased")), "the erasure is a fact");
    assert_eq!(messages.iter().filter(|message| leaks(message)).count(), 0, "a message holds it");
    match dump(&world)? {
        Some(dump) => {
            assert!(find(&dump, case_id.as_bytes()), "the dump holds the case");
            assert!(!leaks(&dump), "the dump holds it");
        }
        None => println!("SKIPPED: there is no pg_dump that reads this PostgreSQL; no dump was searched"),
    }
    world.ends_well().await
}

/// What is looked for: the words, and their bytes as PostgreSQL and JSON may write them.
fn needles() -> Vec<Vec<u8>> {
    let parts = ["沈阿婆", "138-0571-2046", "13805712046"];
    parts
        .iter()
        .flat_map(|part| {
            let hex: String = part.bytes().map(|byte| format!("{byte:02x}")).collect();
            let escaped: String = part.chars().map(|sign| format!("\\u{:04x}", sign as u32)).collect();
            [part.as_bytes().to_vec(), hex.into_bytes(), escaped.into_bytes()]
        })
        .collect()
}

fn find(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// Every row of every table of every schema, as text.
async fn cells(world: &World) -> Result<Vec<Vec<u8>>> {
    let pool = world.bench.context.writer(gongzhi_dispatch::NAME).await?.pool().clone();
    let tables = sqlx::query(
        "select table_schema || '.' || table_name from information_schema.tables
         where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')",
    )
    .fetch_all(&pool)
    .await?;
    assert!(tables.len() > 40, "only {} tables", tables.len());
    let mut cells = Vec::new();
    for table in tables {
        let table: String = table.get(0);
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!("select t::text from {table} t")))
            .fetch_all(&pool)
            .await?;
        cells.extend(rows.into_iter().map(String::into_bytes));
    }
    Ok(cells)
}

/// Everything that the master key opens: every pair of stored bytes is tried as key and record.
async fn opened(world: &World, case_id: &str) -> Result<Vec<String>> {
    let pool = world.bench.context.writer(gongzhi_dispatch::NAME).await?.pool().clone();
    let master: String = sqlx::query_scalar("select hex from master_keys").fetch_one(&pool).await?;
    let master: Vec<u8> =
        (0..32).map(|nth| u8::from_str_radix(&master[nth * 2..][..2], 16)).collect::<Result<_, _>>()?;
    let mut stored: Vec<Vec<u8>> = Vec::new();
    for column in [
        "select ciphertext from contacts",
        "select wrapped_key from contact_keys",
        "select hash from history",
        "select hash from aggregates",
        "select fingerprint from commands",
    ] {
        stored.extend(sqlx::query_scalar::<_, Vec<u8>>(column).fetch_all(&pool).await?);
    }
    let record = format!("{case_id}/1");
    let keys: Vec<_> = stored.iter().filter_map(|bytes| open(&master, &record, bytes)).collect();
    let texts = keys.iter().flat_map(|key| stored.iter().filter_map(|bytes| open(key, &record, bytes)));
    Ok(texts.filter_map(|text| String::from_utf8(text).ok()).collect())
}

fn open(key: &[u8], record: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let mut body = body.to_vec();
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    key.open_in_place(nonce, Aad::from(record), &mut body).ok().map(|plain| plain.to_vec())
}

/// Every message on the bus, once everything is told.
async fn messages(world: &World) -> Result<Vec<Vec<u8>>> {
    let dispatch = world.bench.context.writer(gongzhi_dispatch::NAME).await?;
    gongzhi_harness::wait_until("everything is relayed", || async {
        let waiting = gongzhi_chassis::outbox::waiting(dispatch.pool()).await?;
        Ok(if waiting == 0 { Ok(()) } else { Err(format!("{waiting} wait")) })
    })
    .await?;
    let config = pull::Config {
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::None,
        ..Default::default()
    };
    let consumer = world.bench.context.bus.stream().await?.create_consumer(config).await?;
    let waiting = consumer.cached_info().num_pending;
    let mut stream = consumer.messages().await?;
    let mut messages = Vec::new();
    for _ in 0..waiting {
        messages.push(stream.next().await.context("the stream ended early")??.payload.to_vec());
    }
    Ok(messages)
}

/// The database as plain SQL; none without a pg_dump that is new enough for the server.
fn dump(world: &World) -> Result<Option<Vec<u8>>> {
    let Ok(output) = Command::new("pg_dump").arg("--dbname").arg(&world.bench.context.database_url).output()
    else {
        return Ok(None);
    };
    if !output.status.success() {
        println!("pg_dump: {}", String::from_utf8_lossy(&output.stderr));
        return Ok(None);
    }
    Ok(Some(output.stdout))
}

//! Organizations publish over NATS with credentials of their own: what is taken is on the bus, the answer says of each event what became of it, and who was cut
//! off publishes no more.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use gongzhi_chassis::client::Calling;
use gongzhi_exchange::NAME;
use gongzhi_harness::{Bench, Person, wait_until};
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::publisher_service_client::PublisherServiceClient;
use serde_json::{Value, json};
use tonic::Code;
use tonic_types::StatusExt;

use crate::publication::{FACT, bench, department, event, full, register, system};

fn calls(who: &Person) -> PublisherServiceClient<Calling> {
    PublisherServiceClient::new(who.calls())
}

async fn issued(who: &Person, unit: &str) -> Result<pb::IssuePublisherCredentialsResponse> {
    let request = pb::IssuePublisherCredentialsRequest { organization: department(unit) };
    Ok(calls(who).issue_publisher_credentials(request).await?.into_inner())
}

async fn connect(
    bench: &Bench,
    issued: &pb::IssuePublisherCredentialsResponse,
) -> Result<async_nats::Client> {
    let options = async_nats::ConnectOptions::new()
        .credentials(&issued.credentials)?
        .custom_inbox_prefix(issued.inbox_prefix.as_str())
        .connection_timeout(Duration::from_secs(5));
    Ok(options.connect(bench.nats_url()).await?)
}

/// Asks, and reads the answer.
async fn ask(client: &async_nats::Client, subject: &str, body: impl Into<Vec<u8>>) -> Result<Value> {
    let answer = client.request(subject.to_owned(), body.into().into()).await?;
    Ok(serde_json::from_slice(&answer.payload)?)
}

/// Outcomes, or the faults of what was refused.
fn told(answer: &Value) -> Vec<String> {
    let results = answer["results"].as_array().cloned().unwrap_or_default();
    let fault =
        |fault: &Value| format!("{} {}", fault["path"].as_str().unwrap(), fault["reason"].as_str().unwrap());
    let outcome = |result: &Value| match result["faults"].as_array() {
        Some(faults) => faults.iter().map(fault).collect::<Vec<_>>().join(", "),
        None => result["outcome"].as_str().unwrap_or_default().to_owned(),
    };
    results.iter().map(outcome).collect()
}

/// Subjects of what was published, as the stream has them.
async fn on_the_bus(bench: &Bench, count: usize) -> Result<Vec<String>> {
    wait_until("it is on the bus", || async {
        let info =
            bench.context.bus.stream().await?.info_with_subjects("gov.*.*.*.dept-urban-management.>").await?;
        let mut subjects: Vec<String> = Vec::new();
        let mut each = std::pin::pin!(info);
        while let Some(subject) = futures::StreamExt::next(&mut each).await {
            let (subject, times) = subject?;
            subjects.extend(std::iter::repeat_n(subject, times));
        }
        Ok(if subjects.len() == count { Ok(subjects) } else { Err(format!("{subjects:?}")) })
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_over_nats_is_answered_event_by_event() -> Result<()> {
    let bench = bench().await?;
    register(&bench).await?;
    let bins = system(&bench, "urban-management");
    let credentials = issued(&bins, "urban-management").await?;
    let client = connect(&bench, &credentials).await?;
    let subject = credentials.subject.as_str();

    let one = event(&bench, "1", full(97));
    let first = ask(&client, subject, one.to_string()).await?;
    assert_eq!(told(&first), ["accepted"]);
    let again = ask(&client, subject, one.to_string()).await?;
    assert_eq!(told(&again), ["duplicate"]);
    assert_eq!(first["results"][0]["eventId"], again["results"][0]["eventId"]);

    let mut foreign = event(&bench, "3", full(97));
    foreign["type"] = json!("gongzhi.dispatch.v1.whistle_sounded");
    let personal =
        event(&bench, "4", json!({"bin_code": "GS-0017", "fill_level": 9, "note": "找 13805716688"}));
    let batch = json!([event(&bench, "2", full(80)), foreign, personal, event(&bench, "5", full(101)), 7]);
    let told_of = told(&ask(&client, subject, batch.to_string()).await?);
    let wanted = [
        "accepted",
        "/type UNKNOWN_TYPE",
        "/data/note PERSONAL_DATA",
        "/data/fill_level SCHEMA",
        " NOT_A_CLOUD_EVENT",
    ];
    assert_eq!(told_of, wanted);

    for (body, wanted) in [(vec![0xff, 0xfe], " NOT_A_CLOUD_EVENT"), (b"[1,".to_vec(), " NOT_A_CLOUD_EVENT")]
    {
        assert_eq!(told(&ask(&client, subject, body).await?), [wanted]);
    }
    let many: Vec<_> = (0..101).map(|nth| event(&bench, &format!("m{nth}"), full(1))).collect();
    for body in ["[]".to_owned(), json!(many).to_string()] {
        let refused = ask(&client, subject, body).await?;
        assert_eq!(
            (&refused["reason"], &refused["faults"][0]["path"]),
            (&json!("INVALID_FIELDS"), &json!("/events"))
        );
    }
    let whole: Vec<_> = (0..100).map(|nth| event(&bench, &format!("w{nth}"), full(1))).collect();
    assert_eq!(told(&ask(&client, subject, json!(whole).to_string()).await?), ["accepted"; 100]);
    // Nobody waits for this answer; it is taken all the same.
    client.publish(subject.to_owned(), event(&bench, "6", full(60)).to_string().into()).await?;
    let subjects = on_the_bus(&bench, 103).await?;
    assert!(subjects.iter().all(|subject| subject.contains(FACT)), "{subjects:?}");
    // Once more than it may: nothing of it is taken, and it is told when to come again.
    let mut refused = Value::Null;
    for round in 0..30 {
        let batch: Vec<_> = (0..100).map(|nth| event(&bench, &format!("r{round}-{nth}"), full(1))).collect();
        refused = ask(&client, subject, json!(batch).to_string()).await?;
        if refused["results"].is_null() {
            break;
        }
    }
    assert_eq!(refused["reason"], "EXHAUSTED");
    assert!(refused["retryAfter"].as_u64().is_some_and(|seconds| seconds >= 1), "{refused}");
    bench.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_replaced_and_taken_back() -> Result<()> {
    let bench = bench().await?;
    register(&bench).await?;
    let bins = system(&bench, "urban-management");
    let request = pb::GetPublisherRequest { organization: department("urban-management") };
    assert_eq!(calls(&bins).get_publisher(request.clone()).await.unwrap_err().code(), Code::NotFound);
    let first = issued(&bins, "urban-management").await?;
    let old = connect(&bench, &first).await?;
    let second = issued(&bench.liaison("urban-management"), "urban-management").await?;
    let new = connect(&bench, &second).await?;
    assert_eq!(
        told(&ask(&new, &second.subject, event(&bench, "1", full(97)).to_string()).await?),
        ["accepted"]
    );
    assert!(connect(&bench, &first).await.is_err(), "the former credentials are void");
    assert!(ask(&old, &first.subject, event(&bench, "2", full(97)).to_string()).await.is_err());

    // Its facts only: another department's are not its to tell, whatever it is.
    let fire = issued(&bench.liaison("fire-rescue"), "fire-rescue").await?;
    let rival = connect(&bench, &fire).await?;
    let answer = ask(&rival, &fire.subject, event(&bench, "3", full(97)).to_string()).await?;
    assert_eq!(told(&answer), ["/type FOREIGN_ORGANIZATION"]);

    let operator = bench.person("POST_PLATFORM_OPERATOR", &bench.area(""));
    let revoke = pb::RevokePublisherCredentialsRequest {
        organization: department("urban-management"),
        reason: "系统被入侵".into(),
    };
    let since = Instant::now();
    let revoked = calls(&operator).revoke_publisher_credentials(revoke.clone()).await?.into_inner();
    let publisher = revoked.publisher.context("no publisher")?;
    assert_eq!((publisher.status(), publisher.reason.as_str()), (pb::PublisherStatus::Revoked, "系统被入侵"));
    wait_until("the connection is closed", async || {
        let closed = new.connection_state() != async_nats::connection::State::Connected;
        Ok(if closed && connect(&bench, &second).await.is_err() { Ok(()) } else { Err("open".to_owned()) })
    })
    .await?;
    println!("a publisher was cut off after {} ms", since.elapsed().as_millis());
    assert!(since.elapsed() < Duration::from_secs(5));
    let again = calls(&operator).revoke_publisher_credentials(revoke).await.unwrap_err();
    assert_eq!(again.get_details_error_info().unwrap().reason, "ALREADY_REVOKED");
    let shown = calls(&bins).get_publisher(request).await?.into_inner().publisher.context("no publisher")?;
    assert_eq!((shown.version, shown.status()), (3, pb::PublisherStatus::Revoked));
    // Servers that are told of the account again, as by somebody who was late, let it in; the record does not.
    let jwt: String = sqlx::query_scalar("select jwt from publisher_accounts where account = $1")
        .bind(&publisher.account)
        .fetch_one(bench.context.writer(NAME).await?.pool())
        .await?;
    bench.context.nats_issuer()?.push(&jwt).await?;
    let late = connect(&bench, &second).await?;
    let answer = ask(&late, &second.subject, event(&bench, "4", full(97)).to_string()).await?;
    assert_eq!(answer["reason"], "UNAUTHENTICATED");
    // Who was not cut off goes on.
    assert_eq!(told(&ask(&rival, &fire.subject, "{}").await?).len(), 1);
    assert_eq!(on_the_bus(&bench, 1).await?.len(), 1);
    bench.stop().await
}

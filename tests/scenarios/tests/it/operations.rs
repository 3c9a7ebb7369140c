//! What those who look after a process are told: probes that really look at database and bus, measures, and TLS whose certificates are renewed while it runs.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use gongzhi_chassis::client::connection;
use gongzhi_chassis::tls;
use gongzhi_embedded::Part;
use gongzhi_harness::wait_until;
use gongzhi_proto::organization::v1 as pb;
use gongzhi_proto::organization::v1::department_service_client::DepartmentServiceClient;
use gongzhi_proto::organization::v1::identity_service_client::IdentityServiceClient;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::certificates::Authority;
use crate::outage::ground::Ground;
use crate::outage::{Chance, seed};

/// A page of those who look after a process: its status and its text.
async fn page(address: SocketAddr, path: &str) -> Result<(u16, String)> {
    // The second of two tests finds it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
    let answer = client.get(format!("http://{address}{path}")).send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

/// Waits until readiness says what is expected, for the reason that is expected.
pub async fn becomes(address: SocketAddr, status: u16, says: &str) -> Result<()> {
    wait_until(&format!("readiness is {status}: {says}"), || async {
        let seen = page(address, "/readyz").await.map_err(|error| error.to_string());
        Ok(match seen {
            Ok((seen, text)) if seen == status && text.contains(says) => Ok(()),
            other => Err(format!("{other:?}")),
        })
    })
    .await
}

async fn health(address: SocketAddr, service: &str) -> Result<ServingStatus> {
    let channel = connection(&format!("http://{address}"), &tls::Files::default())?;
    let mut client = HealthClient::new(channel);
    Ok(client.check(HealthCheckRequest { service: service.into() }).await?.into_inner().status())
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_look_at_database_and_bus() -> Result<()> {
    let mut chance = Chance(seed()?);
    let mut ground = Ground::lay_for_sharing(&mut chance).await?;
    let watched = ground.other_address(&mut chance)?;
    ground.tell("GONGZHI_OPERATIONS_ADDRESS", watched.to_string());
    let mut serving = ground.serve(None)?;
    serving.answers().await?;
    becomes(watched, 200, "started: yes").await?;
    assert_eq!(page(watched, "/livez").await?.0, 200);
    let exchange = "gongzhi.exchange.v1.SubscriptionService";
    let dispatch = "gongzhi.dispatch.v1.CaseService";
    for service in ["", "gongzhi.ready", exchange, dispatch] {
        assert_eq!(health(watched, service).await?, ServingStatus::Serving, "{service:?}");
    }

    // Without the bus nothing can be shared, but what is commanded waits in the outbox.
    ground.parts(|embedded| embedded.pause(Part::Nats)).await?;
    becomes(watched, 503, "bus: no answer").await?;
    assert_eq!(health(watched, "gongzhi.ready").await?, ServingStatus::NotServing);
    assert_eq!(health(watched, exchange).await?, ServingStatus::NotServing);
    assert_eq!(health(watched, dispatch).await?, ServingStatus::Serving);
    assert_eq!(page(watched, "/livez").await?.0, 200, "a restart would mend nothing");
    ground.parts(|embedded| embedded.resume(Part::Nats)).await?;
    becomes(watched, 200, "bus: well").await?;

    ground.parts(|embedded| embedded.pause(Part::Postgres)).await?;
    becomes(watched, 503, "database: no answer").await?;
    assert_eq!(health(watched, dispatch).await?, ServingStatus::NotServing);
    ground.parts(|embedded| embedded.resume(Part::Postgres)).await?;
    becomes(watched, 200, "database: well").await?;
    serving.kill().await?;
    ground.clear().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_starts_waits_for_database_and_bus() -> Result<()> {
    let mut chance = Chance(seed()?);
    let mut ground = Ground::lay_for_sharing(&mut chance).await?;
    let watched = ground.other_address(&mut chance)?;
    ground.tell("GONGZHI_OPERATIONS_ADDRESS", watched.to_string());
    // Longer than their first try takes.
    for (part, away) in [(Part::Nats, 12), (Part::Postgres, 8)] {
        ground.parts(move |embedded| embedded.pause(part)).await?;
        let mut serving = ground.serve(None)?;
        tokio::time::sleep(Duration::from_secs(away)).await;
        assert!(page(watched, "/readyz").await.is_err(), "it says that it is ready without {part:?}");
        ground.parts(move |embedded| embedded.resume(part)).await?;
        serving.answers().await?;
        becomes(watched, 200, "started: yes").await?;
        let log = serving.kill().await?.join("\n");
        assert!(log.contains("waits for what it stands on"), "{part:?}: {log}");
    }
    ground.clear().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_needs_no_bus_is_ready_without_it_and_everything_is_measured() -> Result<()> {
    let mut chance = Chance(seed()?);
    let mut ground = Ground::lay(&mut chance).await?;
    // What is measured is what this process does.
    ground.stop_beside().await?;
    ground.leases_run_out().await?;
    let watched = ground.other_address(&mut chance)?;
    ground.tell("GONGZHI_OPERATIONS_ADDRESS", watched.to_string());
    let mut serving = ground.serve(None)?;
    serving.answers().await?;
    becomes(watched, 200, "bus: well (not needed to be ready)").await?;
    ground.parts(|embedded| embedded.pause(Part::Nats)).await?;
    becomes(watched, 200, "bus: no answer").await?;
    let district = ground.context.bus.district().clone();
    let operator = ground.person("POST_PLATFORM_OPERATOR", &district, None)?;
    let request = pb::RegisterDepartmentRequest {
        department_code: "measured".into(),
        name_zh: "区测量局".into(),
        name_en: "Measuring Bureau".into(),
        area_code: district.to_string(),
    };
    DepartmentServiceClient::new(operator.calls()).register_department(request.clone()).await?;
    let wrong = pb::RegisterDepartmentRequest { department_code: "两 字".into(), ..request };
    let refused = DepartmentServiceClient::new(operator.calls()).register_department(wrong).await;
    assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
    measures(
        watched,
        &[
            (r#"gongzhi_outbox_depth{service="organization"}"#, &|waiting| waiting >= 1.0),
            (r#"gongzhi_outbox_oldest_seconds{service="organization"}"#, &|age| age > 0.0),
            (r#"gongzhi_ready{part="bus"}"#, &|well| well == 0.0),
        ],
    )
    .await?;
    ground.parts(|embedded| embedded.resume(Part::Nats)).await?;
    let call = "gongzhi_rpc_duration_seconds_count{code=";
    let method = r#"method="DepartmentService/RegisterDepartment",service="organization"}"#;
    measures(
        watched,
        &[
            (r#"gongzhi_outbox_depth{service="organization"}"#, &|waiting| waiting == 0.0),
            (&format!(r#"{call}"Ok",{method}"#), &|calls| calls == 1.0),
            (&format!(r#"{call}"InvalidArgument",{method}"#), &|calls| calls == 1.0),
            (r#"gongzhi_relay_published_total{service="organization"}"#, &|facts| facts >= 1.0),
            (r#"gongzhi_inbox_delay_seconds_count{service="dispatch"}"#, &|facts| facts >= 1.0),
            (r#"gongzhi_inbox_lag_facts{service="dispatch",source="dispatch"}"#, &|behind| behind == 0.0),
            (r#"gongzhi_lease_held{lease="relay",service="organization"}"#, &|held| held == 1.0),
            (r#"gongzhi_timers_due{service="dispatch"}"#, &|due| due == 0.0),
            (r#"gongzhi_facts_parked{service="grid"}"#, &|parked| parked == 0.0),
            (&format!(r#"gongzhi_stream_facts{{district="{district}"}}"#), &|facts| facts >= 1.0),
            (r#"gongzhi_database_connections_limit{service="grid"}"#, &|limit| limit == 16.0),
            (concat!(r#"gongzhi_build_info{version=""#, env!("CARGO_PKG_VERSION"), r#""}"#), &|one| {
                one == 1.0
            }),
        ],
    )
    .await?;
    serving.kill().await?;
    ground.clear().await
}

/// A measure by name and labels, and what is expected of it.
type Expected<'a> = (&'a str, &'a dyn Fn(f64) -> bool);

/// Waits until measures are as expected.
async fn measures(address: SocketAddr, expected: &[Expected<'_>]) -> Result<()> {
    for (name, holds) in expected {
        wait_until(name, || async {
            let (_, text) = page(address, "/metrics").await?;
            let told: BTreeMap<&str, f64> = text
                .lines()
                .filter_map(|line| line.rsplit_once(' '))
                .filter_map(|(name, value)| Some((name, value.parse().ok()?)))
                .collect();
            Ok(match told.get(name) {
                Some(value) if holds(*value) => Ok(()),
                Some(value) => Err(format!("{value}")),
                None => Err(format!("not among\n{text}")),
            })
        })
        .await?;
    }
    Ok(())
}

/// What a caller with these files is told when it asks for keys, which anybody may.
async fn calls(address: SocketAddr, files: &tls::Files) -> Result<(), tonic::Status> {
    let channel = connection(&format!("https://localhost:{}", address.port()), files)
        .map_err(|failure| tonic::Status::internal(failure.to_string()))?;
    IdentityServiceClient::new(channel).get_key_set(pb::GetKeySetRequest {}).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_and_callers_show_certificates_that_are_renewed_while_they_run() -> Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut chance = Chance(seed()?);
    let mut ground = Ground::lay_for_deliberation(&mut chance).await?;
    let folder = std::env::temp_dir().join(format!("gongzhi-tls-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (ours, others) = (Authority::new()?, Authority::new()?);
    ground.tell_of_certificates(&ours.issue(&folder, "server")?)?;
    let mut serving = ground.serve(None)?;
    serving.answers().await?;
    let address = ground.address();

    let caller = ours.issue(&folder, "caller")?;
    calls(address, &caller).await.context("with a certificate of the authority")?;
    let nameless = tls::Files { own: None, ..caller.clone() };
    assert!(calls(address, &nameless).await.is_err(), "without a certificate");
    let stranger = tls::Files { authority: caller.authority.clone(), ..others.issue(&folder, "stranger")? };
    assert!(calls(address, &stranger).await.is_err(), "with another's");
    let plain = tonic::transport::Endpoint::from_shared(format!("http://{address}"))?.connect_lazy();
    let plainly = IdentityServiceClient::new(plain).get_key_set(pb::GetKeySetRequest {}).await;
    assert!(plainly.is_err(), "without TLS");

    // The authority itself is replaced, and with it every certificate: what runs takes the new ones by itself.
    others.issue(&folder, "server")?;
    let renewed = others.issue(&folder, "renewed")?;
    wait_until("the new certificates are in force", || async {
        Ok(calls(address, &renewed).await.map_err(|status| status.to_string()))
    })
    .await?;
    assert!(calls(address, &caller).await.is_err(), "the former authority is not trusted any more");
    serving.kill().await?;
    std::fs::remove_dir_all(&folder)?;
    ground.clear().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_is_checked_by_one_whistle_that_is_taken_back() -> Result<()> {
    let mut chance = Chance(seed()?);
    let ground = Ground::lay_for_everything(&mut chance).await?;
    let mut serving = ground.serve(None)?;
    serving.answers().await?;
    let said = ground.run(&["check"]).await?;
    println!("{said}");
    for step in [
        "organization answers",
        "a whistle sounded",
        "exchange delivered",
        "reporting shows it",
        "taken back",
    ] {
        assert!(said.contains(step), "{said}");
    }
    // Once more, as after every upgrade; and nothing is left open by either.
    ground.run(&["check"]).await?;
    let dispatch = ground.record("dispatch").pool();
    let open: i64 =
        sqlx::query_scalar("select count(*) from aggregates where kind = 'case' and due_at is not null")
            .fetch_one(dispatch)
            .await?;
    assert_eq!(open, 0, "a case of a check has still a clock");
    let active: i64 = sqlx::query_scalar("select count(*) from subscriptions where status <> 'ended'")
        .fetch_one(ground.record("exchange").pool())
        .await?;
    assert_eq!(active, 0, "a subscription of a check has not ended");
    wait_until("no figure counts the cases of checks", || async {
        let row: (i64, i64) =
            sqlx::query_as("select count(*), count(*) filter (where phase <> 'void') from cases")
                .fetch_one(ground.record("reporting").pool())
                .await?;
        Ok(if row == (2, 0) { Ok(()) } else { Err(format!("{row:?}")) })
    })
    .await?;
    serving.kill().await?;
    ground.clear().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_account_is_made_before_anybody_can_sign_in() -> Result<()> {
    let mut chance = Chance(seed()?);
    let mut ground = Ground::lay_for_deliberation(&mut chance).await?;
    let without = ground.run(&["account", "create", "guanli"]).await.unwrap_err().to_string();
    assert!(without.contains("password"), "{without}");
    ground.tell("GONGZHI_PASSWORD", "Gongzhi-2026!first");
    for _ in 0..2 {
        let said = ground.run(&["account", "create", "guanli", "--name", "区平台管理员"]).await?;
        assert!(said.contains("guanli may sign in"), "{said}");
    }
    let unknown =
        ground.run(&["account", "create", "other", "--post", "king"]).await.unwrap_err().to_string();
    assert!(unknown.contains("platform-operator"), "{unknown}");
    let mut serving = ground.serve(None)?;
    serving.answers().await?;
    let request = pb::SignInRequest { account: "guanli".into(), password: "Gongzhi-2026!first".into() };
    let signed_in = IdentityServiceClient::new(ground.channel()?).sign_in(request).await?.into_inner();
    let staff = signed_in.staff.context("nobody signed in")?;
    assert_eq!(staff.posts.len(), 1, "made twice, it holds one post");
    serving.kill().await?;
    ground.clear().await
}

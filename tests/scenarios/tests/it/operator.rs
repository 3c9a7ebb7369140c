//! `gongzhi operator` as a pod runs it: a process that has an account and its password in a file, TLS on both sides, and a cluster's API server, for which the
//! stub stands. What it makes of resources is told in the operator's own tests.

use anyhow::{Context as _, Result};
use gongzhi_chassis::client::connection;
use gongzhi_harness::wait_until;
use gongzhi_kube_stub::{Role, Stub};
use gongzhi_operator::resources::definitions;
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::grant_service_client::GrantServiceClient;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::certificates::Authority;
use crate::operations::becomes;
use crate::outage::ground::Ground;
use crate::outage::{Chance, seed};

const NAMESPACE: &str = "gongzhi";
const DEPARTMENT: &str = "fire";
const TOKEN: &str = "operator";
const PASSWORD: &str = "Gongzhi-2026!operator";

/// A cluster with our kinds, in which the operator may do what the chart says.
async fn cluster() -> Result<Stub> {
    let stub = Stub::start("127.0.0.1:0".parse()?).await?;
    stub.settle_in().await?;
    stub.define(definitions())?;
    stub.allow(TOKEN, Role::of_chart(NAMESPACE)?);
    for (name, labels) in
        [(NAMESPACE, json!({})), (DEPARTMENT, json!({"gongzhi.io/department": "fire-rescue"}))]
    {
        stub.put("v1", "namespaces", &json!({"metadata": {"name": name, "labels": labels}}))?;
    }
    Ok(stub)
}

/// The resources of a department: what it asks for, and how it wants to be served.
fn resources(stub: &Stub, area: &str) -> Result<()> {
    let until = Timestamp::now() + SignedDuration::from_hours(240);
    let asked = json!({"metadata": {"name": "lanes", "namespace": DEPARTMENT}, "spec": {
        "facts": [{"fact": "dispatch.case_registered", "fields": ["case_id", "category_code"]}],
        "area": area, "purpose": "消防安全联合研判", "until": until.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    }});
    stub.put("gongzhi.io/v1alpha1", "sharinggrants", &asked)?;
    let pulled =
        json!({"metadata": {"name": "pulled", "namespace": DEPARTMENT}, "spec": {"delivery": {"pull": {}}}});
    stub.put("gongzhi.io/v1alpha1", "subscriptions", &pulled)?;
    Ok(())
}

/// Waits until the condition Ready of a resource gives a reason; gives the resource.
async fn until_ready_says(stub: &Stub, resource: &str, reason: &str) -> Result<Value> {
    wait_until(&format!("{resource} is {reason}"), || async {
        let object = stub.objects(&format!("{resource}.gongzhi.io")).into_iter().next().unwrap_or_default();
        let conditions = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let says = conditions.iter().any(|one| one["type"] == "Ready" && one["reason"] == reason);
        Ok(if says { Ok(object) } else { Err(format!("{object:#}")) })
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_signs_in_with_its_account_and_serves_a_department() -> Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut chance = Chance(seed()?);
    let mut ground = Ground::lay_for_sharing(&mut chance).await?;
    let folder = std::env::temp_dir().join(format!("gongzhi-operator-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let files = Authority::new()?.issue(&folder, "server")?;
    ground.tell_of_certificates(&files)?;
    let mut serving = ground.serve(None)?;
    serving.answers().await?;
    let stub = cluster().await?;
    let (kubeconfig, password) = (folder.join("kubeconfig"), folder.join("password"));
    std::fs::write(&kubeconfig, stub.kubeconfig(TOKEN))?;
    std::fs::write(&password, "not-yet\n")?;
    let at = format!("https://localhost:{}", ground.address().port());
    let told = [
        ("KUBECONFIG", kubeconfig.display().to_string()),
        ("GONGZHI_UPSTREAMS", format!("organization={at},exchange={at}")),
        ("GONGZHI_ACCOUNT", "cluster".to_owned()),
        ("GONGZHI_PASSWORD_FILE", password.display().to_string()),
        ("GONGZHI_OPERATOR_NAMESPACE", NAMESPACE.to_owned()),
        ("GONGZHI_OPERATOR_RELEASE", "gongzhi".to_owned()),
        ("GONGZHI_OPERATOR_IDENTITY", "gongzhi-operator-0".to_owned()),
        ("GONGZHI_OPERATOR_EXCHANGE_ADDRESS", "https://gongzhi-exchange.gongzhi:50051".to_owned()),
    ];
    let watched = ground.other_address(&mut chance)?;
    let mut operator = ground.serve_beside(&["operator"], &told, watched)?;
    operator.answers().await?;
    becomes(watched, 200, "started: yes").await?;

    // Its account is made after the installation; until then it says why nothing happens, and afterwards it goes on by itself.
    let area = format!("{}001", ground.context.bus.district());
    resources(&stub, &area)?;
    until_ready_says(&stub, "subscriptions", "ExchangeUnavailable").await?;
    std::fs::write(&password, format!("{PASSWORD}\n"))?;
    ground.tell("GONGZHI_PASSWORD", PASSWORD);
    ground.run(&["account", "create", "cluster", "--post", "cluster-operator"]).await?;

    let grant = until_ready_says(&stub, "sharinggrants", "Requested").await?;
    until_ready_says(&stub, "subscriptions", "InOrder").await?;
    let secrets = stub.objects("secrets");
    let secret = secrets.first().context("no Secret")?;
    assert_eq!(secret["metadata"]["namespace"], DEPARTMENT);
    assert_eq!(secret["metadata"]["ownerReferences"][0]["name"], "pulled");
    assert_eq!(stub.objects("leases.coordination.k8s.io")[0]["spec"]["holderIdentity"], "gongzhi-operator-0");

    // The district's people see who asks, and for what; they decide.
    let district = ground.context.bus.district().clone();
    let decider = ground.person("POST_PLATFORM_OPERATOR", &district, None)?.over(connection(&at, &files)?);
    let asked = GrantServiceClient::new(decider.calls())
        .get_grant(pb::GetGrantRequest {
            grant_id: grant["status"]["grantId"].as_str().unwrap_or_default().into(),
        })
        .await?
        .into_inner();
    assert_eq!(asked.grant.context("no grant")?.purpose, "消防安全联合研判");

    // Told to end it ends, and nothing of the department's goes with it.
    let log = operator.ends().await?;
    assert!(!log.join("\n").contains(PASSWORD), "its password is in its log");
    assert_eq!(stub.forbidden(), Vec::<String>::new());
    assert_eq!(stub.objects("secrets").len(), 1);
    serving.kill().await?;
    std::fs::remove_dir_all(&folder)?;
    ground.clear().await
}

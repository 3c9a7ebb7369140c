//! What a test stands on: the API server's stand-in, an exchange behind a door, operators that can be started and ended, and people who decide.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use gongzhi_harness::{Bench, Person, wait_until};
use gongzhi_kube_stub::{ADMINISTRATOR, Role, Stub};
use gongzhi_operator::resources::definitions;
use gongzhi_operator::{Entrance, Exchange, Options, run};
use gongzhi_proto::exchange::v1 as pb;
use gongzhi_proto::exchange::v1::grant_service_client::GrantServiceClient;
use gongzhi_proto::exchange::v1::subscription_service_client::SubscriptionServiceClient;
use kube::api::{Api, ApiResource, DeleteParams, DynamicObject, Patch, PatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

use crate::door::Door;

/// Namespace and name of the release.
pub const RELEASE: &str = "gongzhi";
/// Token of the operator, which may do what the chart says and nothing else.
pub const OPERATOR: &str = "operator";

/// Places for stages, more than there are tests; whoever measures takes them all.
const PLACES: u32 = 1_000;
static FREE: Semaphore = Semaphore::const_new(PLACES as usize);

pub struct Stage {
    pub stub: Stub,
    pub client: Client,
    bench: Option<Bench>,
    door: Option<Door>,
    _places: SemaphorePermit<'static>,
}

/// An operator at work.
pub struct Operator {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Operator {
    /// Ends it in order.
    pub async fn stop(self) -> Result<()> {
        self.stop.cancel();
        Ok(self.task.await?)
    }

    /// Ends it at once, wherever it stands, as a lost node does.
    pub async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

impl Stage {
    pub async fn new() -> Result<Self> {
        Self::without_exchange().await?.with_exchange().await
    }

    /// One beside which no other stands, for what is measured.
    pub async fn alone() -> Result<Self> {
        Self::at(FREE.acquire_many(PLACES).await?).await?.with_exchange().await
    }

    pub async fn without_exchange() -> Result<Self> {
        Self::at(FREE.acquire().await?).await
    }

    async fn with_exchange(mut self) -> Result<Self> {
        let mut bench = Bench::new().await?;
        bench.migrate(gongzhi_exchange::NAME, &gongzhi_exchange::MIGRATIONS).await?;
        let service = gongzhi_exchange::service(&bench.context).await?;
        bench.serve(vec![service]).await?;
        self.door = Some(Door::to(bench.grpc_address()).await?);
        self.bench = Some(bench);
        Ok(self)
    }

    async fn at(places: SemaphorePermit<'static>) -> Result<Self> {
        // The program does this once in main; the second test of a binary finds it done.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let stub = Stub::start("127.0.0.1:0".parse()?).await?;
        stub.settle_in().await?;
        stub.define(definitions())?;
        stub.allow(OPERATOR, Role::of_chart(RELEASE)?);
        let client = client(&stub, ADMINISTRATOR).await?;
        let stage = Self { stub, client, bench: None, door: None, _places: places };
        stage.namespace(RELEASE, &[])?;
        Ok(stage)
    }

    pub fn bench(&self) -> &Bench {
        self.bench.as_ref().expect("a stage with an exchange")
    }

    pub fn door(&self) -> &Door {
        self.door.as_ref().expect("a stage with an exchange")
    }

    /// Makes a namespace, as an administrator of the cluster does.
    pub fn namespace(&self, name: &str, labels: &[(&str, &str)]) -> Result<()> {
        let labels: std::collections::BTreeMap<_, _> = labels.iter().copied().collect();
        self.stub.put("v1", "namespaces", &json!({"metadata": {"name": name, "labels": labels}}))?;
        Ok(())
    }

    /// Starts an operator with the patience of a test.
    pub async fn operator(&self, identity: &str) -> Result<Operator> {
        self.operator_with(identity, |_| {}).await
    }

    pub async fn operator_with(&self, identity: &str, change: impl FnOnce(&mut Options)) -> Result<Operator> {
        let mut options = Options::new(identity, RELEASE, RELEASE);
        options.district = self.bench().area("").to_string();
        options.look_every = Duration::from_millis(500);
        options.first_wait = Duration::from_millis(100);
        options.longest_wait = Duration::from_secs(2);
        options.lease = Duration::from_secs(3);
        options.exchange_address = "http://gongzhi-exchange.gongzhi:50051".into();
        options.nats_address = "nats://nats.nats:4222".into();
        change(&mut options);
        let address = self.door().address;
        let channel = Channel::from_shared(format!("http://{address}"))?.connect_lazy();
        let cluster = self.bench().person("POST_CLUSTER_OPERATOR", &self.bench().area(""));
        let token = cluster.bearer().trim_start_matches("Bearer ").to_owned();
        let exchange = Arc::new(Exchange::new(channel, Entrance::Token(token)));
        let client = client(&self.stub, OPERATOR).await?;
        let stop = CancellationToken::new();
        let task = tokio::spawn(run(client, exchange, options, stop.clone()));
        Ok(Operator { stop, task })
    }

    /// Somebody of the district who decides.
    pub fn decider(&self) -> Person {
        self.bench().person("POST_PLATFORM_OPERATOR", &self.bench().area(""))
    }

    pub fn api(&self, plural: &str, namespace: &str) -> Api<DynamicObject> {
        let kind = match plural {
            "sharinggrants" => "SharingGrant",
            "subscriptions" => "Subscription",
            "districts" => "District",
            other => panic!("{other} is no kind of ours"),
        };
        let kind = ApiResource {
            group: "gongzhi.io".into(),
            version: "v1alpha1".into(),
            api_version: "gongzhi.io/v1alpha1".into(),
            kind: kind.into(),
            plural: plural.into(),
        };
        Api::namespaced_with(self.client.clone(), namespace, &kind)
    }

    pub async fn create(&self, object: Value) -> Result<DynamicObject> {
        let plural = format!("{}s", object["kind"].as_str().unwrap_or_default().to_lowercase());
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default().to_owned();
        // As kubectl does: what the schema does not know is refused.
        let path = format!(
            "/apis/gongzhi.io/v1alpha1/namespaces/{namespace}/{plural}?fieldValidation=Strict&fieldManager=kubectl"
        );
        let request = http::Request::post(path)
            .header("content-type", "application/json")
            .body(serde_json::to_vec(&object)?)?;
        Ok(self.client.request(request).await?)
    }

    pub async fn change(
        &self,
        plural: &str,
        namespace: &str,
        name: &str,
        patch: Value,
    ) -> Result<DynamicObject> {
        let parameters = PatchParams::default().validation_strict();
        Ok(self.api(plural, namespace).patch(name, &parameters, &Patch::Merge(patch)).await?)
    }

    pub async fn delete(&self, plural: &str, namespace: &str, name: &str) -> Result<()> {
        self.api(plural, namespace).delete(name, &DeleteParams::default()).await?;
        Ok(())
    }

    /// The object as it stands; null where it is gone.
    pub async fn get(&self, plural: &str, namespace: &str, name: &str) -> Result<Value> {
        let found = self.api(plural, namespace).get_opt(name).await?;
        Ok(found.map_or(Value::Null, |object| serde_json::to_value(object).expect("an object is JSON")))
    }

    /// Waits until an object stands as it should; gives it.
    pub async fn until(
        &self,
        what: &str,
        (plural, namespace, name): (&str, &str, &str),
        holds: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        wait_until(what, async || {
            let object = self.get(plural, namespace, name).await?;
            Ok(if holds(&object) { Ok(object) } else { Err(format!("{object:#}")) })
        })
        .await
    }

    /// A Secret, its data decoded; none where there is none.
    pub fn secret(&self, namespace: &str, name: &str) -> Option<std::collections::BTreeMap<String, String>> {
        let fits = |one: &Value| one["metadata"]["namespace"] == namespace && one["metadata"]["name"] == name;
        let secret = self.stub.objects("secrets").into_iter().find(fits)?;
        let secret: k8s_openapi::api::core::v1::Secret = serde_json::from_value(secret).ok()?;
        let text = |bytes: k8s_openapi::ByteString| String::from_utf8(bytes.0).unwrap_or_default();
        Some(secret.data.unwrap_or_default().into_iter().map(|(name, bytes)| (name, text(bytes))).collect())
    }

    /// Reasons of all Events about an object.
    pub fn told_of(&self, name: &str) -> Vec<String> {
        let events = self.stub.objects("events.events.k8s.io");
        let of = events.iter().filter(|event| event["regarding"]["name"] == name);
        of.map(|event| event["reason"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// A SharingGrant that asks for registrations in a sub-district; `spec` is laid over it.
    pub fn grant(&self, namespace: &str, name: &str, spec: Value) -> Value {
        let area = self.bench.as_ref().map_or("330105001".to_owned(), |bench| bench.area("001").to_string());
        let until = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(240);
        let mut asked = json!({
            "facts": [{"fact": "dispatch.case_registered", "fields": ["case_id", "category_code"]}],
            "area": area, "purpose": "消防安全联合研判", "until": until.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        });
        for (field, value) in spec.as_object().into_iter().flatten() {
            asked[field] = value.clone();
        }
        json!({"apiVersion": "gongzhi.io/v1alpha1", "kind": "SharingGrant",
            "metadata": {"name": name, "namespace": namespace}, "spec": asked})
    }

    /// Approves the grant of an object, as a person of the district does.
    pub async fn approves(&self, grant: &Value) -> Result<()> {
        let grant_id = grant["status"]["grantId"].as_str().context("it has a grant")?.to_owned();
        let request = pb::ApproveGrantRequest { grant_id, until_at: None };
        GrantServiceClient::new(self.decider().calls()).approve_grant(request).await?;
        Ok(())
    }

    /// The grant in the exchange.
    pub async fn grant_of(&self, object: &Value) -> Result<pb::Grant> {
        let grant_id = object["status"]["grantId"].as_str().context("it has a grant")?.to_owned();
        let request = pb::GetGrantRequest { grant_id };
        let answer = GrantServiceClient::new(self.decider().calls()).get_grant(request).await?;
        answer.into_inner().grant.context("no grant")
    }

    /// The subscription in the exchange.
    pub async fn subscription_of(&self, object: &Value) -> Result<pb::Subscription> {
        let subscription_id =
            object["status"]["subscriptionId"].as_str().context("it has a subscription")?.to_owned();
        let request = pb::GetSubscriptionRequest { subscription_id };
        let answer = SubscriptionServiceClient::new(self.decider().calls()).get_subscription(request).await?;
        answer.into_inner().subscription.context("no subscription")
    }

    /// Every subscription in the exchange, the ended ones too.
    pub async fn subscriptions(&self) -> Result<Vec<pb::Subscription>> {
        let request = pb::ListSubscriptionsRequest { page_size: 200, ..Default::default() };
        let answer =
            SubscriptionServiceClient::new(self.decider().calls()).list_subscriptions(request).await?;
        Ok(answer.into_inner().subscriptions)
    }

    /// How often anything in the exchange was changed.
    pub async fn exchange_version(&self) -> Result<i64> {
        let writer = self.bench().context.writer(gongzhi_exchange::NAME).await?;
        Ok(sqlx::query_scalar("select coalesce(sum(version), 0)::bigint from aggregates")
            .fetch_one(writer.pool())
            .await?)
    }

    /// Writes that were asked of the server, but for the lease, which its holder renews.
    pub fn written(&self) -> u64 {
        let writes = self.stub.writes().into_iter();
        writes.filter(|(name, _)| !name.starts_with("leases")).map(|(_, count)| count).sum()
    }

    /// Waits until nothing was written for so long.
    pub async fn quiet_for(&self, time: Duration) -> Result<()> {
        let mut before = None;
        for _ in 0..20 {
            let now = self.written();
            if before == Some(now) {
                return Ok(());
            }
            before = Some(now);
            tokio::time::sleep(time).await;
        }
        anyhow::bail!("it never rests: {:?}", self.stub.writes())
    }

    /// Nothing was asked of the server that the chart does not allow.
    pub fn nothing_was_forbidden(&self) {
        assert_eq!(
            self.stub.forbidden(),
            Vec::<String>::new(),
            "rights that helm/gongzhi/files/operator-rules.yaml lacks"
        );
    }
}

pub async fn client(stub: &Stub, token: &str) -> Result<Client> {
    let kubeconfig = Kubeconfig::from_yaml(&stub.kubeconfig(token))?;
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
    Ok(Client::try_from(config)?)
}

pub fn subscription(namespace: &str, name: &str, spec: Value) -> Value {
    json!({"apiVersion": "gongzhi.io/v1alpha1", "kind": "Subscription",
        "metadata": {"name": name, "namespace": namespace}, "spec": spec})
}

/// True when a condition of an object stands so, for this reason.
pub fn says(object: &Value, kind: &str, status: &str, reason: &str) -> bool {
    let conditions = object["status"]["conditions"].as_array();
    conditions
        .into_iter()
        .flatten()
        .any(|one| one["type"] == kind && one["status"] == status && one["reason"] == reason)
}

/// What the condition Ready says in words.
pub fn message(object: &Value) -> String {
    let conditions = object["status"]["conditions"].as_array();
    let ready = conditions.into_iter().flatten().find(|one| one["type"] == "Ready");
    ready.map(|one| one["message"].as_str().unwrap_or_default().to_owned()).unwrap_or_default()
}

/// True when an object is ready as it is now.
pub fn ready(object: &Value) -> bool {
    let conditions = object["status"]["conditions"].as_array();
    object["status"]["observedGeneration"] == object["metadata"]["generation"]
        && conditions.into_iter().flatten().any(|one| one["type"] == "Ready" && one["status"] == "True")
}

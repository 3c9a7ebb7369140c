//! What a release stands on, made small for the suite: one PostgreSQL and one NATS with accounts of its own, each a pod with a volume, as `restricted` wants
//! it; and the Secrets that the chart names. Both programs are in the image of the trial, so that no registry of others is needed.

use anyhow::{Context as _, Result};
use base64::Engine as _;
use gongzhi_chassis::nats_identity::{Keys, configuration};
use gongzhi_chassis::token::Signer;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::settings::Settings;
use crate::until;

/// Name of the district's first account.
pub const FIRST_ACCOUNT: &str = "pingtai";
/// Folder in which NATS keeps accounts of outsiders.
const ACCOUNTS: &str = "/data/accounts";

/// Makes what is missing on an empty volume, then becomes the server. Only the shell's own words and the programs of PostgreSQL are used.
const POSTGRES: &str = r#"set -eu
if [ ! -s /data/db/PG_VERSION ]; then
  initdb --pgdata=/data/db --username=gongzhi --pwfile=/etc/ground/password --auth-local=trust --auth-host=scram-sha-256 \
    --encoding=UTF8 --locale-provider=libc --lc-collate=C --lc-ctype=C.UTF-8
  echo 'host all all all scram-sha-256' >>/data/db/pg_hba.conf
fi
exec postgres -D /data/db -c listen_addresses='*' -c unix_socket_directories=/tmp -c max_connections=200 -c shared_buffers=64MB"#;

/// The keys of a ground.
pub struct Ground {
    /// Signs tokens of people.
    pub signer: Signer,
    /// Password of the first account and of the operator's.
    pub password: String,
}

/// Makes Secrets, PostgreSQL and NATS in a namespace and waits until both answer.
pub async fn make(cluster: &Cluster, settings: &Settings, namespace: &str) -> Result<Ground> {
    let (ground, secrets) = secrets(namespace)?;
    cluster.apply(namespace, &secrets).await?;
    cluster.apply(namespace, &servers(settings)).await?;
    for name in ["ground-postgres", "ground-nats"] {
        let wait = ["rollout", "status", &format!("statefulset/{name}"), "--timeout=300s"];
        let waited = cluster.kubectl(namespace, &wait, std::time::Duration::from_secs(320)).await;
        waited.with_context(|| {
            format!("{name} did not come up: is the trial's image there, and a class of volumes?")
        })?;
    }
    // Open is not ready: PostgreSQL is asked a question before anybody relies on it.
    until("PostgreSQL answers", std::time::Duration::from_secs(60), async || {
        Ok(sql(cluster, namespace, "select 1").await.map(drop).map_err(|error| format!("{error:#}")))
    })
    .await?;
    Ok(ground)
}

/// Asks the database, by the psql beside it.
pub async fn sql(cluster: &Cluster, namespace: &str, statement: &str) -> Result<String> {
    let psql = [
        "exec",
        "ground-postgres-0",
        "--",
        "psql",
        "-h",
        "/tmp",
        "-U",
        "gongzhi",
        "-d",
        "postgres",
        "-At",
        "-c",
        statement,
    ];
    Ok(cluster.kubectl(namespace, &psql, std::time::Duration::from_secs(60)).await?.out)
}

fn secret(name: &str, data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data})
}

/// The Secrets that the chart names, and those of the servers.
pub fn secrets(namespace: &str) -> Result<(Ground, Vec<Value>)> {
    let (keys, now) = (Keys::generate(), Timestamp::now());
    let password = uuid::Uuid::now_v7().simple().to_string();
    let pkcs8 = Signer::generate()?;
    let made = vec![
        secret("ground-postgres", json!({"password": password})),
        secret(
            "ground-nats",
            json!({"nats.conf": nats(&configuration(&keys, "$GONGZHI_NATS_ACCOUNTS", now)?)}),
        ),
        secret(
            "gongzhi-database",
            json!({"uri": format!("postgresql://gongzhi:{password}@ground-postgres.{namespace}:5432/postgres")}),
        ),
        secret(
            "gongzhi-nats",
            json!({
                "url": format!("nats://ground-nats.{namespace}:4222"),
                "credentials": keys.credentials("gongzhi", now)?.reveal(),
                "operator-seed": keys.operator_seed()?.reveal(),
                "system-credentials": keys.system_credentials(now)?.reveal(),
            }),
        ),
        secret(
            "gongzhi-keys",
            json!({
                "signing-key": base64::engine::general_purpose::STANDARD.encode(&pkcs8),
                "contact-key": format!("{}{}", uuid::Uuid::now_v7().simple(), uuid::Uuid::now_v7().simple()),
            }),
        ),
        secret("gongzhi-first", json!({"username": FIRST_ACCOUNT, "password": password})),
        secret("gongzhi-operator", json!({"username": "operator", "password": password})),
    ];
    Ok((Ground { signer: Signer::from_pkcs8(&pkcs8)?, password }, made))
}

fn nats(accounts: &str) -> String {
    format!(
        "server_name: ground\nlisten: \"0.0.0.0:4222\"\nhttp: \"0.0.0.0:8222\"\nmax_payload: 1048576\n\
         jetstream {{\n  store_dir: \"/data/jetstream\"\n  sync_interval: always\n  max_file_store: 8GB\n}}\n{accounts}\n"
    )
}

/// PostgreSQL and NATS.
pub fn servers(settings: &Settings) -> Vec<Value> {
    let trial = settings.trial_image.name();
    let (postgres, uid) = match &settings.postgres_image {
        // The uid of `postgres` in the official image; initdb asks for a name.
        Some(image) => (image.clone(), 999),
        None => (trial.clone(), 65532),
    };
    let postgres = Server {
        name: "ground-postgres",
        image: postgres,
        uid,
        command: json!(["sh", "-c", POSTGRES]),
        ports: json!([{"name": "postgres", "port": 5432}]),
        probe: json!({"tcpSocket": {"port": 5432}, "periodSeconds": 2}),
        environment: json!([]),
        memory: "192Mi",
    };
    let nats = Server {
        name: "ground-nats",
        image: settings.nats_image.clone().unwrap_or(trial),
        uid: 65532,
        command: json!(["nats-server", "-c", "/etc/ground/nats.conf"]),
        ports: json!([{"name": "nats", "port": 4222}]),
        probe: json!({"httpGet": {"path": "/healthz", "port": 8222}, "periodSeconds": 2}),
        environment: json!([{"name": "GONGZHI_NATS_ACCOUNTS", "value": ACCOUNTS}]),
        memory: "64Mi",
    };
    let storage = settings.storage_class.as_deref();
    let secret = settings.pull_secret.as_deref();
    [postgres, nats].into_iter().flat_map(|server| server.objects(storage, secret)).collect()
}

struct Server {
    name: &'static str,
    image: String,
    uid: u32,
    command: Value,
    ports: Value,
    probe: Value,
    environment: Value,
    memory: &'static str,
}

impl Server {
    fn objects(self, class: Option<&str>, pull_secret: Option<&str>) -> [Value; 2] {
        let labels = json!({"app": self.name});
        let mut claim =
            json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "4Gi"}}});
        if let Some(class) = class {
            claim["storageClassName"] = class.into();
        }
        let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": self.name},
            "spec": {"selector": labels, "ports": self.ports}});
        let pod = json!({
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "imagePullSecrets": pull_secret.map(|name| json!([{"name": name}])).unwrap_or(json!([])),
            "securityContext": {
                "runAsNonRoot": true, "runAsUser": self.uid, "runAsGroup": self.uid, "fsGroup": self.uid,
                // PostgreSQL refuses a folder whose rights are widened at each start.
                "fsGroupChangePolicy": "OnRootMismatch",
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [{
                "name": "server", "image": self.image, "imagePullPolicy": "IfNotPresent",
                "command": self.command, "env": self.environment,
                "readinessProbe": self.probe,
                "resources": {"requests": {"cpu": "50m", "memory": self.memory}, "limits": {"memory": "1Gi"}},
                "securityContext": security(),
                "volumeMounts": [
                    {"name": "data", "mountPath": "/data"},
                    {"name": "tmp", "mountPath": "/tmp"},
                    {"name": "ground", "mountPath": "/etc/ground", "readOnly": true},
                ],
            }],
            "volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "ground", "secret": {"secretName": self.name}}],
        });
        let set = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": self.name}, "spec": {
            "replicas": 1, "serviceName": self.name, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}],
        }});
        [service, set]
    }
}

/// What PodSecurity `restricted` wants of every container, and a root that is read-only beside.
pub fn security() -> Value {
    json!({"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]}})
}

//! The Job that brings the schemas of a district to the version of its programs, before these are exchanged. Pure.

use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::copy::{COMPONENT, Copying, DISTRICT, INSTANCE};
use crate::resources::MANAGER;

/// Component of the Job and of its policy.
const MIGRATE: &str = "migrate";
/// What a migration reads; the rest of a service's settings is not its business.
const SETTINGS: [&str; 7] = [
    "GONGZHI_DISTRICT",
    "GONGZHI_LOG",
    "GONGZHI_LOG_FORMAT",
    "GONGZHI_OTLP_ENDPOINT",
    "GONGZHI_DATABASE_URL",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// A migration.
pub struct Migration {
    /// Another program or another database gives another digest.
    pub digest: String,
    /// The Job.
    pub job: Value,
    /// What opens the way to the database where policies close everything; none where the release has none.
    pub policy: Option<Value>,
}

impl Migration {
    /// The migration before these Deployments, which are copies already; none where there is none.
    pub fn before(copying: &Copying<'_>, copies: &[Value]) -> Option<Self> {
        let deployment = copies.iter().find(|copy| copy["kind"] == "Deployment")?;
        let pod = &deployment["spec"]["template"]["spec"];
        let container = pod["containers"].as_array()?.first()?;
        let env: Vec<_> = container["env"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|variable| variable["name"].as_str().is_some_and(|name| SETTINGS.contains(&name)))
            .cloned()
            .collect();
        let digest = digest(&SHA256, json!([container["image"], env]).to_string().as_bytes());
        let digest: String = digest.as_ref().iter().take(5).map(|byte| format!("{byte:02x}")).collect();
        let namespace = &deployment["metadata"]["namespace"];
        let labels = json!({
            "app.kubernetes.io/name": deployment["metadata"]["labels"]["app.kubernetes.io/name"],
            INSTANCE: copying.instance(),
            COMPONENT: MIGRATE,
            "app.kubernetes.io/managed-by": MANAGER,
            DISTRICT: copying.spec.code,
        });
        let mut runs = json!({
            "name": MIGRATE,
            "image": container["image"],
            "args": [MIGRATE],
            "env": env,
            "resources": {"requests": {"cpu": "50m", "memory": "32Mi"}, "limits": {"memory": "256Mi"}},
        });
        take(&mut runs, container, &["command", "imagePullPolicy", "securityContext", "volumeMounts"]);
        let mut pod_spec = json!({"restartPolicy": "Never", "containers": [runs]});
        let fields = [
            "serviceAccountName",
            "automountServiceAccountToken",
            "enableServiceLinks",
            "securityContext",
            "imagePullSecrets",
            "nodeSelector",
            "tolerations",
            "volumes",
        ];
        take(&mut pod_spec, pod, &fields);
        let job = json!({
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {
                "name": format!("{}-{MIGRATE}-{digest}", copying.instance()),
                "namespace": namespace,
                "labels": labels,
                "ownerReferences": [copying.owner],
            },
            "spec": {
                // A database that is just starting is met again; what is refused stays refused.
                "backoffLimit": 4,
                "activeDeadlineSeconds": 900,
                // That it was done stands in the status; its log is kept for a day.
                "ttlSecondsAfterFinished": 86_400,
                "template": {"metadata": {"labels": labels}, "spec": pod_spec},
            },
        });
        let policy = way_to_the_database(copying, copies, &job["metadata"]);
        Some(Self { digest, job, policy })
    }
}

/// Where policies close everything, the migration may go where the services of the district may go; nobody comes in.
fn way_to_the_database(copying: &Copying<'_>, copies: &[Value], metadata: &Value) -> Option<Value> {
    let opens = |copy: &&Value| copy["kind"] == "NetworkPolicy" && copy["spec"]["egress"].is_array();
    let opened = copies.iter().find(opens)?;
    let mut metadata = metadata.clone();
    metadata["name"] = format!("{}-{MIGRATE}", copying.instance()).into();
    Some(json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata,
        "spec": {
            "podSelector": {"matchLabels": {INSTANCE: copying.instance(), COMPONENT: MIGRATE}},
            "policyTypes": ["Ingress", "Egress"],
            "egress": opened["spec"]["egress"],
        },
    }))
}

/// Takes over fields that are there.
fn take(to: &mut Value, from: &Value, fields: &[&str]) {
    for field in fields {
        if !from[*field].is_null() {
            to[*field] = from[*field].clone();
        }
    }
}

/// How a Job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stands {
    /// It runs, or waits to run.
    Runs,
    /// It did what it was for.
    Complete,
    /// It gave up; why.
    Failed(String),
}

/// Reads how a Job stands.
pub fn stands(job: &Value) -> Stands {
    let conditions = job["status"]["conditions"].as_array();
    let holds = |kind: &str| {
        let mut conditions = conditions.into_iter().flatten();
        conditions.find(|condition| condition["type"] == kind && condition["status"] == "True")
    };
    match (holds("Complete"), holds("Failed")) {
        (Some(_), _) => Stands::Complete,
        (None, Some(failed)) => Stands::Failed(failed["message"].as_str().unwrap_or("it failed").to_owned()),
        (None, None) => Stands::Runs,
    }
}

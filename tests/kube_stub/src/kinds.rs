//! The table of kinds: which there are, under which names, and which have a status of their own. Definitions that are installed add theirs.

/// One kind under one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) plural: String,
    pub(crate) short: Vec<String>,
    pub(crate) categories: Vec<String>,
    pub(crate) namespaced: bool,
    pub(crate) status: bool,
    /// The definition by which it was added; none for those of the table.
    pub(crate) definition: Option<String>,
}

impl Kind {
    /// Its name in rights, counts and errors.
    pub(crate) fn resource(&self) -> String {
        if self.group.is_empty() { self.plural.clone() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// What stands in `apiVersion`.
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
}

/// Group and version, kind, plural, short names, where it lives, and whether it has a status.
type Row = (&'static str, &'static str, &'static str, &'static str, bool, bool);

const TABLE: &[Row] = &[
    ("v1", "Namespace", "namespaces", "ns", false, true),
    ("v1", "Node", "nodes", "no", false, true),
    ("v1", "PersistentVolume", "persistentvolumes", "pv", false, true),
    ("v1", "ConfigMap", "configmaps", "cm", true, false),
    ("v1", "Endpoints", "endpoints", "ep", true, false),
    ("v1", "Event", "events", "ev", true, false),
    ("v1", "PersistentVolumeClaim", "persistentvolumeclaims", "pvc", true, true),
    ("v1", "Pod", "pods", "po", true, true),
    ("v1", "Secret", "secrets", "", true, false),
    ("v1", "Service", "services", "svc", true, true),
    ("v1", "ServiceAccount", "serviceaccounts", "sa", true, false),
    ("v1", "ResourceQuota", "resourcequotas", "quota", true, true),
    ("v1", "LimitRange", "limitranges", "limits", true, false),
    ("apps/v1", "Deployment", "deployments", "deploy", true, true),
    ("apps/v1", "ReplicaSet", "replicasets", "rs", true, true),
    ("apps/v1", "StatefulSet", "statefulsets", "sts", true, true),
    ("apps/v1", "DaemonSet", "daemonsets", "ds", true, true),
    ("batch/v1", "Job", "jobs", "", true, true),
    ("batch/v1", "CronJob", "cronjobs", "cj", true, true),
    ("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "hpa", true, true),
    ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", "pdb", true, true),
    ("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", "netpol", true, false),
    ("networking.k8s.io/v1", "Ingress", "ingresses", "ing", true, true),
    ("networking.k8s.io/v1", "IngressClass", "ingressclasses", "", false, false),
    ("rbac.authorization.k8s.io/v1", "Role", "roles", "", true, false),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", "", true, false),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", "", false, false),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", "", false, false),
    ("coordination.k8s.io/v1", "Lease", "leases", "", true, false),
    ("events.k8s.io/v1", "Event", "events", "ev", true, false),
    ("discovery.k8s.io/v1", "EndpointSlice", "endpointslices", "", true, false),
    ("storage.k8s.io/v1", "StorageClass", "storageclasses", "sc", false, false),
    ("scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", "pc", false, false),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", "crd", false, true),
    (
        "admissionregistration.k8s.io/v1",
        "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations",
        "",
        false,
        false,
    ),
    (
        "admissionregistration.k8s.io/v1",
        "MutatingWebhookConfiguration",
        "mutatingwebhookconfigurations",
        "",
        false,
        false,
    ),
    ("gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes", "", true, true),
    ("gateway.networking.k8s.io/v1", "GRPCRoute", "grpcroutes", "", true, true),
    ("gateway.networking.k8s.io/v1", "Gateway", "gateways", "gtw", true, true),
    ("monitoring.coreos.com/v1", "ServiceMonitor", "servicemonitors", "", true, false),
    ("monitoring.coreos.com/v1", "PodMonitor", "podmonitors", "", true, false),
    ("monitoring.coreos.com/v1", "PrometheusRule", "prometheusrules", "", true, false),
    ("cert-manager.io/v1", "Certificate", "certificates", "cert", true, true),
    ("cert-manager.io/v1", "Issuer", "issuers", "", true, true),
];

/// What `kubectl get all` means.
const ALL: [&str; 9] = [
    "pods",
    "services",
    "deployments",
    "replicasets",
    "statefulsets",
    "daemonsets",
    "jobs",
    "cronjobs",
    "horizontalpodautoscalers",
];

/// The kinds that are there before anything is installed.
pub(crate) fn table() -> Vec<Kind> {
    let kind = |&(api_version, kind, plural, short, namespaced, status): &Row| {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Kind {
            group: group.into(),
            version: version.into(),
            kind: kind.into(),
            plural: plural.into(),
            short: [short]
                .iter()
                .filter(|short| !short.is_empty())
                .map(|short| (*short).to_owned())
                .collect(),
            categories: if ALL.contains(&plural) { vec!["all".into()] } else { Vec::new() },
            namespaced,
            status,
            definition: None,
        }
    };
    TABLE.iter().map(kind).collect()
}

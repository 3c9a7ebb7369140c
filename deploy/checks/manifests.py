"""Manifests: what is part of Kubernetes against its strict schemas, and of other kinds the keys, because no registry has their schemas."""

import tempfile
from pathlib import Path

from .report import DEPLOY, find, name, run, yaml_of

VERSIONS = ["1.31.0", "1.34.0", "1.37.0"]
MANIFESTS = ["district/namespaces.yaml", "district/certificates.yaml", "nats/certificates.yaml", "nats/box.yaml", "postgres/cluster/*.yaml", "postgres/restore.yaml", "argocd/*.yaml", "argocd/applications/*.yaml"]
PARTS = {
    # Of a Cluster of CloudNativePG 1.30 what is used here; a misspelt key is taken silently by nobody then.
    "postgresql.cnpg.io/v1/Cluster": {
        "instances imageName bootstrap postgresql plugins storage walStorage resources affinity topologySpreadConstraints primaryUpdateStrategy primaryUpdateMethod enablePDB enableSuperuserAccess externalClusters",
        "initdb database owner encoding localeProvider localeCollate localeCType dataChecksums postInitApplicationSQL recovery source recoveryTarget targetTime",
        "synchronous method number dataDurability failoverQuorum parameters pg_hba",
        "name plugin isWALArchiver barmanObjectName serverName size",
        "enablePodAntiAffinity podAntiAffinityType topologyKey maxSkew whenUnsatisfiable labelSelector matchLabels",
        "requests limits cpu memory",
    },
    "postgresql.cnpg.io/v1/ScheduledBackup": {"cluster name schedule immediate backupOwnerReference method pluginConfiguration"},
    "barmancloud.cnpg.io/v1/ObjectStore": {
        "retentionPolicy configuration destinationPath endpointURL s3Credentials accessKeyId secretAccessKey name key wal data compression maxParallel jobs",
        "instanceSidecarConfiguration resources requests limits cpu memory",
    },
    "monitoring.coreos.com/v1/PodMonitor": {"selector matchLabels podMetricsEndpoints port"},
    "cert-manager.io/v1/Issuer": {"selfSigned ca secretName"},
    "cert-manager.io/v1/Certificate": {
        "isCA commonName secretName duration renewBefore privateKey algorithm size rotationPolicy issuerRef name kind dnsNames usages",
    },
    "argoproj.io/v1alpha1/Application": {
        "project source sources repoURL chart targetRevision helm releaseName valueFiles ref path directory include destination server namespace",
        "syncPolicy automated prune selfHeal syncOptions ignoreDifferences group kind jsonPointers",
    },
}
# Maps whose keys are somebody else's words: labels, and PostgreSQL's own settings.
OPEN = {"matchLabels", "parameters"}


def keys(value, within=""):
    """Every key of a spec, except of maps with free keys."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            # The parameters of a plugin are its own and closed; those of PostgreSQL are not.
            if key not in OPEN or within == "plugin":
                yield from keys(inner, "plugin" if key in ("plugin", "plugins") else within)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner, within)


def check_restore(report, yaml):
    """What comes back must be as what was lost: same program, same promise, same room."""
    cluster = yaml.safe_load((DEPLOY / "postgres/cluster/cluster.yaml").read_text())["spec"]
    restored = yaml.safe_load((DEPLOY / "postgres/restore.yaml").read_text())["spec"]
    archives = [spec["plugins"][0]["parameters"]["serverName"] for spec in (cluster, restored)]
    read = restored["externalClusters"][0]["plugin"]["parameters"]["serverName"]
    if read != archives[0] or archives[0] == archives[1]:
        report.fail(f"postgres/restore.yaml must read what cluster/cluster.yaml archives ({archives[0]}) and write elsewhere; it reads {read} and writes {archives[1]}")
    for key in ("instances", "imageName", "storage", "walStorage", "resources", "affinity", "topologySpreadConstraints", "enableSuperuserAccess"):
        if cluster[key] != restored[key]:
            report.fail(f"postgres/restore.yaml: {key} is not as in cluster/cluster.yaml")
    for key in ("synchronous", "pg_hba"):
        if cluster["postgresql"][key] != restored["postgresql"][key]:
            report.fail(f"postgres/restore.yaml: postgresql.{key} is not as in cluster/cluster.yaml")
    for key, value in restored["postgresql"]["parameters"].items():
        if cluster["postgresql"]["parameters"].get(key) != value:
            report.fail(f"postgres/restore.yaml: {key} is not as in cluster/cluster.yaml")
    locale = cluster["bootstrap"]["initdb"]
    if (locale.get("localeProvider"), locale.get("localeCollate"), locale.get("localeCType")) != ("libc", "C", "C.UTF-8"):
        report.fail("postgres/cluster/cluster.yaml: with another locale pg_trgm finds nothing in Chinese")


def check(report):
    yaml = yaml_of(report)
    if not yaml:
        return
    validate = find("KUBERNETES_VALIDATE", "kubernetes-validate")
    if not validate:
        report.skip("kubernetes-validate: manifests of Kubernetes' own kinds against its schemas (PyPI: kubernetes-validate==1.37.0)")
    looked, validated = 0, 0
    for path in sorted(path for pattern in MANIFESTS for path in DEPLOY.glob(pattern)):
        for document in yaml.safe_load_all(path.read_text()):
            looked += 1
            kind = f"{document['apiVersion']}/{document['kind']}"
            where = f"{name(path)}: {document['kind']} {document['metadata']['name']}"
            if kind in PARTS:
                unknown = set(keys(document["spec"])) - {key for part in PARTS[kind] for key in part.split()}
                if unknown:
                    report.fail(f"{where}: keys that are not known here: {', '.join(sorted(unknown))}; misspelt, or to be added to checks/manifests.py")
            elif validate:
                validated += check_kind(report, validate, where, yaml.safe_dump(document))
    report.done("manifests", looked)
    if validate:
        report.done("manifests against schemas", validated)
    check_restore(report, yaml)


def check_kind(report, validate, where, text):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "manifest.yaml"
        file.write_text(text)
        for version in VERSIONS:
            code, told = run(validate, "--strict", "-k", version, file)
            # An unknown kind only warns.
            if code or "WARN" in told.upper():
                report.fail(f"{where} is not as Kubernetes {version} has it", told)
    return 1

"""What must hold of every pod and of what stands around it: PodSecurity `restricted`, probes that ask the right port, files that are there, ways that are open."""

# How long a process may take to end after it was told to: calls in flight, then what runs beside.
ENDS_WITHIN_SECONDS = 20
VOLUMES = {"emptyDir", "persistentVolumeClaim", "projected", "secret"}
OPERATIONS = 9464


def pods(document):
    """The pod that a document makes, as metadata and spec; none for what makes none."""
    spec = document.get("spec", {})
    match document["kind"]:
        case "Pod":
            return document["metadata"], spec
        case "Deployment" | "StatefulSet" | "Job":
            return spec["template"]["metadata"], spec["template"]["spec"]
        case "CronJob":
            return spec["jobTemplate"]["spec"]["template"]["metadata"], spec["jobTemplate"]["spec"]["template"]["spec"]
    return None


def wrong(documents):
    """Everything that does not hold, in words."""
    named = {(document["kind"], document["metadata"]["name"]): document for document in documents}
    policies = [document for document in documents if document["kind"] == "NetworkPolicy"]
    placed = {what for document in documents if (made := pods(document)) for what in _placed(made[1])}
    for document in documents:
        where = f"{document['kind']} {document['metadata']['name']}"
        if document["kind"] == "Namespace":
            yield f"{where}: a chart makes no namespaces"
        if document["kind"] == "PodDisruptionBudget" and document["spec"].get("maxUnavailable") != 1:
            yield f"{where}: with one pod it would hold up every node"
        if made := pods(document):
            metadata, pod = made
            part = metadata["labels"]["app.kubernetes.io/component"]
            yield from (f"{where}: {what}" for what in _restricted(pod, part))
            yield from (f"{where}: {what}" for what in _files(pod))
            # Where pods may run is said once for all of them; a hook that may run elsewhere finds no image there, or waits for ever.
            yield from (f"{where}: it has no {what}, as others have" for what in sorted(placed - _placed(pod)))
            if ("ServiceAccount", pod["serviceAccountName"]) not in named:
                yield f"{where}: the account {pod['serviceAccountName']} is not made"
            if document["kind"] in ("Deployment", "StatefulSet"):
                yield from (f"{where}: {what}" for what in _served(pod))
            # One closes everything, another opens what the part needs.
            selecting = [policy for policy in policies if policy["spec"]["podSelector"]["matchLabels"].items() <= metadata["labels"].items()]
            # The check of a trial plays with itself alone.
            wanted = 1 if part == "check" and any(other["kind"] == "StatefulSet" for other in documents) else 2
            if policies and len(selecting) != wanted:
                yield f"{where}: {len(selecting)} network policies are for it, not the closing one and its own"


def _placed(pod):
    return {what for what in ("nodeSelector", "tolerations") if what in pod}


def _restricted(pod, part):
    security = pod["securityContext"]
    if (security.get("runAsNonRoot"), security.get("runAsUser"), security.get("seccompProfile")) != (True, 65532, {"type": "RuntimeDefault"}):
        yield "the pod may be more than `restricted` lets it be"
    if pod.get("automountServiceAccountToken") is not (part == "operator"):
        yield "the operator has a token for the Kubernetes API, and nobody else"
    for setting in ("hostNetwork", "hostPID", "hostIPC"):
        if setting in pod:
            yield f"{setting} is the node's"
    for container in pod["containers"] + pod.get("initContainers", []):
        wanted = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
        if container.get("securityContext") != wanted:
            yield f"container {container['name']} may more than {wanted}"
        if "memory" not in container["resources"].get("limits", {}) or "memory" not in container["resources"].get("requests", {}):
            yield f"container {container['name']} does not say how much memory it takes"
        if any("hostPort" in port for port in container.get("ports", [])):
            yield f"container {container['name']} takes a port of the node"


def _files(pod):
    volumes = {volume["name"]: set(volume) - {"name"} for volume in pod.get("volumes", [])}
    for volume, sources in volumes.items():
        if not sources <= VOLUMES:
            yield f"volume {volume} is of {sources}"
    (container,) = pod["containers"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container.get("volumeMounts", [])}
    # The volume of a StatefulSet is made from its own template.
    if set(mounts) - {"data"} != set(volumes):
        yield f"it mounts {sorted(mounts)} and has {sorted(volumes)}"
    names = [setting["name"] for setting in container.get("env", [])]
    if len(set(names)) != len(names):
        # Server-side apply, which Helm 4 uses, refuses such a list.
        yield f"a setting is given twice: {sorted(name for name in names if names.count(name) > 1)}"
    for setting in container.get("env", []):
        path = setting.get("value", "")
        if path.startswith("/") and not any(path.startswith(f"{mount}/") for mount in mounts.values()):
            yield f"{setting['name']} names {path}, which nothing is mounted at"


def _served(pod):
    (container,) = pod["containers"]
    settings = {setting["name"]: setting.get("value") for setting in container["env"]}
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    if ports.get("operations") != OPERATIONS or not (settings.get("GONGZHI_OPERATIONS_ADDRESS") or "").endswith(f":{OPERATIONS}"):
        yield "probes and metrics have no port"
    for probe, service in {"startupProbe": "gongzhi.ready", "livenessProbe": None, "readinessProbe": "gongzhi.ready"}.items():
        asked = container.get(probe, {}).get("grpc", {})
        if (asked.get("port"), asked.get("service")) != (OPERATIONS, service):
            yield f"{probe} does not ask {service or 'whether it is alive'} at the port of operations"
    waits = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    if "lifecycle" in container and pod["terminationGracePeriodSeconds"] < waits + ENDS_WITHIN_SECONDS:
        yield f"it waits {waits} s and may take {ENDS_WITHIN_SECONDS} s to end, and is killed before"
    if settings.get("GONGZHI_TLS_CERTIFICATE") and "http://" in (settings.get("GONGZHI_UPSTREAMS") or ""):
        yield "it calls others without TLS"

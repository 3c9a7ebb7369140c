"""What the parts say of each other: connections, addresses, secrets, room; and that the chart and a NATS server take our values."""

import json
import re
import tempfile
from pathlib import Path

import run as command

from . import manifests
from .report import CHART, DEPLOY, find, name, run, yaml_of

# PostgreSQL keeps three for itself; the operator's instance manager, its exporter, a dump, an audit and people need some.
KEPT = 15
UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def size(text):
    number, unit = re.fullmatch(r"(\d+)([KMGT]i)?", str(text)).groups()
    return int(number) * UNITS.get(unit, 1)


def check_room(report, district, nats):
    stream, jetstream = int(district["stream"]["maxBytes"]), nats["config"]["jetstream"]["fileStore"]
    if stream * 1.5 > size(jetstream["maxSize"]) or size(jetstream["maxSize"]) > size(jetstream["pvc"]["size"]) * 0.9:
        report.fail("nats/values.yaml: maxSize must hold the district's stream and half as much again, and leave a tenth of the volume")
    if int(district["stream"]["replicas"]) != 3 or not nats["config"]["cluster"]["enabled"]:
        report.fail("district/values.yaml: the stream has three copies, on three servers")
    if nats["config"]["jetstream"]["merge"].get("sync_interval") != "always":
        report.fail("nats/values.yaml: sync_interval must be always")


def check_names(report, district, cluster):
    """Every Secret that the chart reads is made by somebody here."""
    script = "".join((DEPLOY / path).read_text() for path in ("district/secrets.sh", "nats/trust.sh"))
    made = {cluster["metadata"]["name"] + "-app": {"uri"}}
    for secret, rest in re.findall(r"create secret generic ([\w-]+) ((?:.*\\\n)*.*)", script):
        made.setdefault(secret, set()).update(re.findall(r"--from-file=([\w.-]+)=", rest))
    for use, secret in district["secrets"].items():
        for key in (value for field, value in secret.items() if field.lower().endswith("key")):
            if key not in made.get(secret["name"], ()):
                report.fail(f"district/values.yaml: secrets.{use}: nobody makes {key} in {secret['name']}")
    report.done("secrets that the chart reads", len(district["secrets"]))
    label = district["network"]["outside"]["database"]["to"][0]["podSelector"]["matchLabels"]["cnpg.io/cluster"]
    if label != cluster["metadata"]["name"]:
        report.fail(f"district/values.yaml: network.outside.database opens the way to {label}, the cluster is {cluster['metadata']['name']}")


def check_chart(report, yaml, helm, cluster):
    values = DEPLOY / "district/values.yaml"
    code, text = run(helm, "lint", "--strict", CHART, "--values", values)
    if code:
        report.fail("the chart does not take district/values.yaml", text)
        return
    code, text = run(helm, "template", "gongzhi", CHART, "--namespace", "gongzhi", "--values", values)
    rendered = list(filter(None, yaml.safe_load_all(text)))
    limit = int(cluster["spec"]["postgresql"]["parameters"]["max_connections"])
    opened = connections(rendered)
    if opened + KEPT > limit:
        report.fail(f"postgres/cluster/cluster.yaml: max_connections is {limit}; the district's values open {opened}, and {KEPT} more are needed")
    report.done("connections that the district's values open", opened)
    check_run(report, yaml, rendered)


def connections(rendered):
    """What services open at most while they are updated, reckoned as the chart's notes do."""
    most = {document["spec"]["scaleTargetRef"]["name"]: document["spec"]["maxReplicas"] for document in rendered if document["kind"] == "HorizontalPodAutoscaler"}
    opened = 0
    for document in rendered:
        if document["kind"] != "Deployment" or document["metadata"]["labels"]["app.kubernetes.io/component"] == "portal":
            continue
        settings = {setting["name"]: setting.get("value") for setting in document["spec"]["template"]["spec"]["containers"][0].get("env", [])}
        pods = most.get(document["metadata"]["name"], document["spec"].get("replicas", 1))
        # Pods that end keep theirs for half a minute, beside those that take their places.
        opened += 2 * pods * int(settings.get("GONGZHI_DATABASE_CONNECTIONS") or 0)
    return opened


def check_run(report, yaml, rendered):
    """The Job that run.py makes of the chart's Deployment: valid, let to database and bus, and sent no calls."""
    named = {(document["kind"], document["metadata"]["name"]): document for document in rendered}
    job = command.job(named["Deployment", "gongzhi-dispatch"], ["bus", "parked"], "command")
    labels = job["spec"]["template"]["metadata"]["labels"]
    for (kind, label), document in named.items():
        if kind == "Service" and document["spec"]["selector"].items() <= labels.items():
            report.fail(f"run.py: the Service {label} would send calls to the pod of a command")
    ways = [document["spec"] for (kind, _), document in named.items() if kind == "NetworkPolicy" and document["spec"]["podSelector"]["matchLabels"].items() <= labels.items()]
    ports = {port["port"] for policy in ways for rule in policy.get("egress", []) for port in rule["ports"]}
    if not {5432, 4222} <= ports:
        report.fail(f"run.py: NetworkPolicies let a command go to {sorted(ports)} only, not to database and bus")
    validate = find("KUBERNETES_VALIDATE", "kubernetes-validate")
    if validate:
        manifests.check_kind(report, validate, "the Job of run.py", yaml.safe_dump(job))


def configuration(nats, folder):
    """What the chart makes of our values, in the words of NATS; TLS is left out, because certificates are made in the cluster."""
    config = nats["config"]
    words = {key: value for key, value in config["merge"].items() if not key.endswith("$include")}
    words |= {"server_name": "nats-0", "port": 4222, "http_port": config["monitor"]["port"], "jetstream": {"store_dir": f"{folder}/data", "max_memory_store": 0, "max_file_store": size(config["jetstream"]["fileStore"]["maxSize"]), **config["jetstream"]["merge"]}}
    words |= {"cluster": {"name": "nats", "port": 6222, "no_advertise": True, "routes": [f"nats://nats-{nth}.nats-headless:6222" for nth in range(3)]}}
    (include,) = [value for key, value in config["merge"].items() if key.endswith("$include")]
    return f"include {Path(include).name};\n{json.dumps(words)[1:-1]}\n"


def check_server(report, server, program, nats):
    with tempfile.TemporaryDirectory() as folder:
        code, text = run(program, "bus", "keys", f"{folder}/keys")
        if code:
            report.fail("`gongzhi bus keys` fails", text)
            return
        file = Path(folder) / "keys/nats.conf"
        file.write_text(configuration(nats, folder))
        code, text = run(server, "-t", "-c", file, env={"GONGZHI_NATS_ACCOUNTS": f"{folder}/accounts"})
    if code or "is valid" not in text:
        report.fail("a NATS server does not take nats/values.yaml with what `gongzhi bus keys` makes", text)
    else:
        report.done("servers' configuration that nats-server takes", 1)


def check(report):
    yaml = yaml_of(report)
    if not yaml:
        return

    def read(path):
        return yaml.safe_load((DEPLOY / path).read_text())

    for path in sorted(DEPLOY.rglob("*.yaml")):
        try:
            list(yaml.safe_load_all(path.read_text()))
        except yaml.YAMLError as error:
            report.fail(f"{name(path)} is no YAML", str(error))
            return
    district, nats, cluster = read("district/values.yaml"), read("nats/values.yaml"), read("postgres/cluster/cluster.yaml")
    check_room(report, district, nats)
    check_names(report, district, cluster)
    helm = find("HELM", "helm")
    if helm:
        check_chart(report, yaml, helm, cluster)
    else:
        report.skip("helm: whether the chart takes the district's values, and how many connections they open (set HELM)")
    server, program = find("NATS_SERVER", "nats-server"), find("GONGZHI", "gongzhi")
    if server and program:
        check_server(report, server, program, nats)
    else:
        report.skip("nats-server and gongzhi: whether a server takes our values with keys of the program (set NATS_SERVER and GONGZHI)")

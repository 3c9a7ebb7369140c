"""What the parts say of each other: connections, addresses, secrets, room; and that the chart and a NATS server take our values."""

import json
import re
import tempfile
from pathlib import Path

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
    script = (DEPLOY / "district/secrets.sh").read_text()
    made = {cluster["metadata"]["name"] + "-app": {"uri"}}
    for secret, rest in re.findall(r"create secret generic ([\w-]+) ((?:.*\\\n)*.*)", script):
        made.setdefault(secret, set()).update(re.findall(r"--from-file=([\w.-]+)=", rest))
    for use, secret in district["secrets"].items():
        if secret["key"] not in made.get(secret["name"], ()):
            report.fail(f"district/values.yaml: secrets.{use}: nobody makes {secret['key']} in {secret['name']}")
    report.done("secrets that the chart reads", len(district["secrets"]))
    label = district["network"]["outside"]["database"]["to"][0]["podSelector"]["matchLabels"]["cnpg.io/cluster"]
    if label != cluster["metadata"]["name"]:
        report.fail(f"district/values.yaml: network.outside.database opens the way to {label}, the cluster is {cluster['metadata']['name']}")


def check_chart(report, helm, cluster):
    values = DEPLOY / "district/values.yaml"
    code, text = run(helm, "lint", "--strict", CHART, "--values", values)
    if code:
        report.fail("the chart does not take district/values.yaml", text)
        return
    code, text = run(helm, "install", "gongzhi", CHART, "--namespace", "gongzhi", "--values", values, "--dry-run=client")
    opened = re.search(r"open up to (\d+) connections", text)
    if code or not opened:
        report.fail("the chart's notes do not tell how many connections are opened", text)
        return
    limit = int(cluster["spec"]["postgresql"]["parameters"]["max_connections"])
    if int(opened.group(1)) + KEPT > limit:
        report.fail(f"postgres/cluster/cluster.yaml: max_connections is {limit}; the district's values open {opened.group(1)}, and {KEPT} more are needed")
    report.done("connections that the district's values open", int(opened.group(1)))


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
        check_chart(report, helm, cluster)
    else:
        report.skip("helm: whether the chart takes the district's values, and how many connections they open (set HELM)")
    server, program = find("NATS_SERVER", "nats-server"), find("GONGZHI", "gongzhi")
    if server and program:
        check_server(report, server, program, nats)
    else:
        report.skip("nats-server and gongzhi: whether a server takes our values with keys of the program (set NATS_SERVER and GONGZHI)")

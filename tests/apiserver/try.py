#!/usr/bin/env python3
"""Tries definitions and operator on the code of a real API server: Kubernetes' own server of custom resources with etcd, as Debian has their sources.

    python3 tests/apiserver/try.py --binary target/debug/gongzhi [--subscriptions 1000]

Needs Debian's mirror, dpkg-deb, 5 GB of room, and about five minutes the first time. Nothing is installed; what is fetched and built is kept in
~/.cache/gongzhi/apiserver. README.md says what this shows and what it does not.
"""

import argparse
import glob
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from packages import Suite, unpack

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gongzhi/apiserver"
# The newest Kubernetes that Debian has sources of.
SUITE = "sid"
GO = "1.26"
WANTED = ["golang-k8s-apiextensions-apiserver-dev", "golang-k8s-apiserver-dev", f"golang-{GO}-go", f"golang-{GO}-src", "etcd-server"]
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
GROUP = "/apis/gongzhi.io/v1alpha1"
PASSWORD = "Only-for-this-trial-1"
# Built-in kinds that the operator reads and writes: group, kind, plural as asked, scope.
BUILT_IN = [
    ("core.stand.in", "Namespace", "spaces", "Cluster"),
    ("core.stand.in", "Secret", "secrets", "Namespaced"),
    ("core.stand.in", "Service", "services", "Namespaced"),
    ("core.stand.in", "ServiceAccount", "serviceaccounts", "Namespaced"),
    ("apps.stand.in", "Deployment", "deployments", "Namespaced"),
    ("batch.stand.in", "Job", "jobs", "Namespaced"),
    ("policy.stand.in", "PodDisruptionBudget", "poddisruptionbudgets", "Namespaced"),
    ("networking.k8s.io", "NetworkPolicy", "networkpolicies", "Namespaced"),
    ("coordination.k8s.io", "Lease", "leases", "Namespaced"),
    ("events.k8s.io", "Event", "events", "Namespaced"),
]


class Wrong(Exception):
    """Something is not as it must be."""


def check(holds, what):
    if not holds:
        raise Wrong(what)


def told(what):
    print(f"ok      {what}", flush=True)


def until(what, seconds, look):
    """Looks until something true is seen; gives it and how long that took."""
    since = time.monotonic()
    while True:
        seen = look()
        if seen:
            return seen, time.monotonic() - since
        if time.monotonic() - since > seconds:
            raise Wrong(f"waited {seconds} s in vain: {what}")
        time.sleep(0.2)


def build():
    """The server and etcd, built once for each version; their paths and the version."""
    suite = Suite(SUITE)
    version = suite.packages[WANTED[0]]["Version"]
    folder = CACHE / version
    server, etcd = folder / "server", folder / "root/usr/bin/etcd"
    if not (folder / "complete").exists() or (folder / "server.go").read_bytes() != (HERE / "server.go").read_bytes():
        packages = suite.closure(WANTED)
        print(f"{len(packages)} packages of {SUITE}…", flush=True)
        unpack(suite, packages, CACHE / "debs", folder / "root")
        sources = folder / "root/usr/share/gocode/src/gongzhi-apiserver"
        sources.mkdir(exist_ok=True)
        shutil.copy(HERE / "server.go", sources)
        print("building the server…", flush=True)
        go = folder / f"root/usr/lib/go-{GO}"
        environment = {"PATH": f"{go}/bin:{os.environ['PATH']}", "HOME": str(folder), "GOROOT": str(go), "GOPATH": str(folder / "root/usr/share/gocode"), "GO111MODULE": "off", "GOCACHE": str(CACHE / "go"), "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
        subprocess.run(["go", "build", "-o", server, "gongzhi-apiserver"], env=environment, check=True)
        shutil.copy(HERE / "server.go", folder)
        (folder / "complete").touch()
    return server, etcd, f"apiextensions-apiserver {version}, etcd {suite.packages['etcd-server']['Version']}"


def free_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


class Ground:
    """Everything that runs, in a folder that goes with it."""

    def __init__(self, server, etcd, binary):
        self.server, self.etcd, self.binary = server, etcd, binary
        self.folder = Path(tempfile.mkdtemp(prefix="gongzhi-apiserver-"))
        # PostgreSQL does not run as root, and must come through to its own folder.
        self.folder.chmod(0o711)
        self.port, self.store = free_port(), f"http://127.0.0.1:{free_port()}"
        self.grpc = f"127.0.0.1:{free_port()}"
        self.processes = {}
        self.trusting = ssl.create_default_context()
        self.trusting.check_hostname, self.trusting.verify_mode = False, ssl.CERT_NONE
        for name, address in (("kubeconfig", f"https://127.0.0.1:{self.port}"), ("nobody", "http://127.0.0.1:1")):
            (self.folder / name).write_text(json.dumps({
                "apiVersion": "v1", "kind": "Config", "current-context": "c",
                "clusters": [{"name": "c", "cluster": {"server": address, "insecure-skip-tls-verify": True}}],
                "users": [{"name": "u", "user": {"token": "any"}}], "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            }))

    def begin(self):
        peers = f"http://127.0.0.1:{free_port()}"
        self.start("etcd", self.etcd, "--data-dir", self.folder / "etcd", "--listen-client-urls", self.store, "--advertise-client-urls", self.store, "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", f"default={peers}")
        self.serve()

    def start(self, name, *command, environment=None):
        log = open(self.folder / f"{name}.log", "ab")
        self.processes[name] = subprocess.Popen([str(one) for one in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **(environment or {})})

    def log(self, name):
        """What a process has said; it is over when that one ended by itself."""
        text = (self.folder / f"{name}.log").read_text()
        check(self.processes[name].poll() is None, f"{name} ended: {text[-500:]}")
        return text

    def serve(self):
        self.start("server", self.server, "-etcd", self.store, "-folder", self.folder, "-port", self.port, "-kubeconfig", self.folder / "nobody")
        until("the server answers", 60, lambda: self.ask("GET", DEFINITIONS)[0] == 200)

    def end(self, name, how=signal.SIGTERM):
        process = self.processes.pop(name)
        process.send_signal(how)
        return process.wait(60)

    def clear(self):
        for name in reversed(list(self.processes)):
            self.end(name)
        shutil.rmtree(self.folder)

    def ask(self, method, path, body=None, kind="application/json", accept="application/json"):
        """Status and answer; 0 where nobody answers."""
        data = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}{path}", data=data, method=method, headers={"content-type": kind, "accept": accept})
        try:
            with urllib.request.urlopen(request, context=self.trusting, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            text = error.read()
            return error.code, json.loads(text) if text.startswith(b"{") else {"message": text.decode()}
        except OSError as error:
            return 0, {"message": str(error)}

    def must(self, method, path, *arguments, **named):
        (status, answer), _ = until(f"{path} is served", 20, lambda: self.served(self.ask(method, path, *arguments, **named)))
        check(200 <= status < 300, f"{method} {path}: {status} {answer}")
        return answer

    @staticmethod
    def served(answer):
        """An answer; none of a server that still makes the store of a definition."""
        return None if answer[0] == 429 else answer

    def create(self, kind, name, spec, namespace="fire"):
        plural = f"{kind.lower()}s"
        body = {"apiVersion": "gongzhi.io/v1alpha1", "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": spec}
        return self.ask("POST", f"{GROUP}/namespaces/{namespace}/{plural}?fieldValidation=Strict&fieldManager=kubectl", body)

    def merge(self, path, patch):
        return self.ask("PATCH", f"{path}?fieldValidation=Strict", patch, "application/merge-patch+json")

    def all(self, plural):
        return self.must("GET", f"{GROUP}/{plural}")["items"]

    def writes(self):
        """Writes that were asked for, but for the lease, which its holder renews."""
        return sum("/leases" not in line for line in (self.folder / "writes").read_text().splitlines())

    def leader(self):
        leases = self.must("GET", "/apis/coordination.k8s.io/v1/namespaces/gongzhi/leases")["items"]
        return leases[0]["spec"].get("holderIdentity") if leases else None

    def operator(self, identity):
        password = self.folder / "password"
        password.write_text(PASSWORD)
        home = f"http://{self.grpc}"
        self.start(f"operator {identity}", self.binary, "operator", environment={
            "KUBECONFIG": str(self.folder / "kubeconfig"), "GONGZHI_UPSTREAMS": f"organization={home},exchange={home}", "GONGZHI_ACCOUNT": "cluster",
            "GONGZHI_PASSWORD_FILE": str(password), "GONGZHI_OPERATOR_NAMESPACE": "gongzhi", "GONGZHI_OPERATOR_RELEASE": "gongzhi", "GONGZHI_OPERATOR_IDENTITY": identity})


def definitions(ground):
    files = sorted(glob.glob(str(ROOT / "helm/gongzhi/crds/*.yaml")))
    names = []
    for file in files:
        text = Path(file).read_text()
        name = next(line.split(": ")[1] for line in text.splitlines() if line.startswith("  name: "))
        # YAML is what server-side apply takes.
        request = urllib.request.Request(f"https://127.0.0.1:{ground.port}{DEFINITIONS}/{name}?fieldManager=helm&fieldValidation=Strict", data=text.encode(), method="PATCH", headers={"content-type": "application/apply-patch+yaml"})
        try:
            urllib.request.urlopen(request, context=ground.trusting, timeout=60).read()
        except urllib.error.HTTPError as error:
            raise Wrong(f"{name} is refused: {error.read().decode()}") from error
        names.append(name)
    check(len(names) == 3, f"three definitions are in the chart, not {names}")

    def conditions():
        every = {one["metadata"]["name"]: {c["type"]: c for c in one.get("status", {}).get("conditions") or []} for one in ground.must("GET", DEFINITIONS)["items"]}
        return every if all(every.get(name, {}).get("Established", {}).get("status") == "True" for name in names) else None

    every, _ = until("the definitions are established", 20, conditions)
    bad = [(name, kind) for name in names for kind in ("NonStructuralSchema", "Terminating") if every[name].get(kind, {}).get("status") == "True"]
    check(not bad, f"definitions are not in order: {bad}")
    told(f"{', '.join(names)}: taken, with the cost of their rules, and established")


def built_in(ground):
    for group, kind, plural, scope in BUILT_IN:
        schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
        ground.must("POST", DEFINITIONS, {
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{group}", "annotations": {"api-approved.kubernetes.io": "unapproved, a stand-in"}},
            "spec": {"group": group, "scope": scope, "names": {"plural": plural, "kind": kind, "singular": kind.lower(), "listKind": f"{kind}List"}, "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}]},
        })
    for group, _, plural, _ in BUILT_IN:
        until(f"{plural} are known", 20, lambda path=f"/apis/{group}/v1/{plural}": ground.ask("GET", path)[0] not in (404, 429))
    for name, labels in (("gongzhi", {}), ("fire", {"gongzhi.io/department": "fire-rescue"})):
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        ground.must("POST", "/api/v1/namespaces", body)


def refusals(ground):
    refused = json.loads((ROOT / "services/operator/tests/refused.json").read_text())
    for one in refused["created"]:
        status, answer = ground.create(one["kind"], "wrong", one["spec"])
        check(status in (400, 422) and one["says"] in answer["message"], f"{one}: {status} {answer}")
    for nth, one in enumerate(refused["changed"]):
        name, plural = f"right-{nth}", f"{one['kind'].lower()}s"
        status, answer = ground.create(one["kind"], name, one["from"])
        check(status == 201, f"{one}: {status} {answer}")
        path = f"{GROUP}/namespaces/fire/{plural}/{name}"
        status, answer = ground.merge(path, {"spec": one["to"]})
        check(status == 422 and one["says"] in answer["message"], f"{one}: {status} {answer}")
        ground.must("DELETE", path)
    told(f"{len(refused['created'])} that are wrong and {len(refused['changed'])} changes are refused with their sentence")


def in_order(one):
    return any(condition["type"] == "Ready" and condition["reason"] == "InOrder" for condition in one.get("status", {}).get("conditions", []))


def life(ground):
    """Two operators, of which one leads and dies; the server goes and comes again; the past is forgotten."""
    data = ground.folder / "data"
    ground.start("services", ground.binary, "up", environment={"GONGZHI_DATA": str(data), "GONGZHI_GRPC_ADDRESS": ground.grpc, "GONGZHI_PORTAL_ADDRESS": f"127.0.0.1:{free_port()}"})
    create = [ground.binary, "account", "create", "cluster", "--post", "cluster-operator"]
    environment = {**os.environ, "GONGZHI_DATABASE_URL": f"postgres://gongzhi@localhost:5432/gongzhi?host={data}/sockets", "GONGZHI_PASSWORD": PASSWORD}
    until("the services are up", 300, lambda: "gRPC " in ground.log("services"))
    subprocess.run(create, env=environment, check=True, capture_output=True, timeout=60)
    ground.operator("one")
    until("one leads", 30, lambda: ground.leader() == "one")
    ground.operator("two")

    spec = {"facts": [{"fact": "dispatch.case_registered", "fields": ["case_id", "category_code"]}], "area": "330105001", "purpose": "消防安全联合研判", "until": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 864_000))}
    check(ground.create("SharingGrant", "lanes", spec)[0] == 201, "a grant is not taken")
    ways = {"pulled": {"pull": {}}, "posted": {"webhook": {"url": "https://receiver.invalid/hook", "signature": "Hmac"}}, "streamed": {"nats": {"inHand": 8}}}
    for name, delivery in ways.items():
        check(ground.create("Subscription", name, {"delivery": delivery})[0] == 201, f"{name} is not taken")
    until("subscriptions are in order", 60, lambda: sum(map(in_order, ground.all("subscriptions"))) == len(ways))
    until("the grant is asked for", 30, lambda: ground.all("sharinggrants")[0].get("status", {}).get("phase") == "Requested")
    secrets = {one["metadata"]["name"] for one in ground.must("GET", "/api/v1/secrets")["items"]}
    check(secrets == {f"{name}-gongzhi" for name in ways}, f"their Secrets are {secrets}")
    told("a grant is asked for, a subscription of each way has its Secret")
    table = ground.must("GET", f"{GROUP}/namespaces/fire/subscriptions", accept="application/json;as=Table;g=meta.k8s.io;v=v1")
    print(f"        {' '.join(column['name'] for column in table['columnDefinitions'])}")
    for row in table["rows"]:
        print(f"        {' '.join(str(cell) for cell in row['cells'])}")

    ground.end("operator one", signal.SIGKILL)
    for plural in ("sharinggrants", "subscriptions"):
        ground.must("DELETE", f"{GROUP}/namespaces/fire/{plural}")
    check(ground.all("subscriptions") and ground.all("sharinggrants"), "they wait for an operator before they go")
    _, took = until("they are gone", 60, lambda: not ground.all("subscriptions") and not ground.all("sharinggrants"))
    check(ground.leader() == "two", "two leads")
    told(f"the leader was killed; {took:.0f} s later the other one had ended everything and let it go")

    ground.end("server")
    time.sleep(3)
    ground.serve()
    # For a while it says 404 and 429, also to the operator.
    until("subscriptions are served again", 30, lambda: ground.ask("GET", f"{GROUP}/subscriptions")[0] == 200)
    revision = ground.must("GET", f"{GROUP}/subscriptions")["metadata"]["resourceVersion"]
    request = urllib.request.Request(f"{ground.store}/v3/kv/compaction", data=json.dumps({"revision": revision, "physical": True}).encode())
    urllib.request.urlopen(request, timeout=30).read()
    gone = ground.must("GET", f"{GROUP}/subscriptions?watch=1&resourceVersion=1&timeoutSeconds=1")
    check(gone["object"]["code"] == 410, f"the past is not forgotten: {gone}")
    check(ground.create("Subscription", "after", {"delivery": {"pull": {}}})[0] == 201, "it is not taken")
    _, took = until("it is in order", 90, lambda: sum(map(in_order, ground.all("subscriptions"))) == 1)
    told(f"the server went and came again, its past forgotten; a new subscription is in order after {took:.1f} s")


def many(ground, count):
    before = ground.writes()
    since = time.monotonic()
    for nth in range(count):
        status, answer = ground.create("Subscription", f"one-of-many-{nth}", {"delivery": {"pull": {}}})
        check(status == 201, f"{status} {answer}")
    _, took = until(f"{count} subscriptions are in order", 300, lambda: sum(map(in_order, ground.all("subscriptions"))) > count)
    total, writes = time.monotonic() - since, ground.writes() - before
    until("it rests", 60, lambda: quiet(ground, 3))
    resting = ground.writes()
    time.sleep(12)
    check(ground.writes() == resting, f"{ground.writes() - resting} writes while nothing changes")
    told(f"{count} subscriptions in order {total:.1f} s after the first was made and {took:.1f} s after the last; {(writes - count) / count:.1f} writes for each; then none in 12 s")


def quiet(ground, seconds):
    before = ground.writes()
    time.sleep(seconds)
    return ground.writes() == before


def main():
    reader = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    reader.add_argument("--binary", required=True, type=Path, help="the program, gongzhi")
    reader.add_argument("--subscriptions", type=int, default=1000, help="how many are made at the end (1000)")
    reader.add_argument("--keep", action="store_true", help="leave folder and logs there")
    given = reader.parse_args()
    if not given.binary.is_file():
        raise SystemExit(f"{given.binary} is no program; build it with `cargo build`")
    server, etcd, version = build()
    print(version, flush=True)
    ground = Ground(server, etcd, given.binary.resolve())
    try:
        ground.begin()
        for step in (definitions, built_in, refusals, life):
            step(ground)
        many(ground, given.subscriptions)
    except Wrong as wrong:
        print(f"FAILED  {wrong}; logs are in {ground.folder}", flush=True)
        given.keep = True
        sys.exit(1)
    finally:
        if given.keep:
            for name in reversed(list(ground.processes)):
                ground.end(name)
        else:
            ground.clear()


if __name__ == "__main__":
    main()

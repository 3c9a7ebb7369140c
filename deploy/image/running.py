"""What must be true of the images while they run: a trial, each service alone, the demonstration."""

import json
import os
import re
import time
from pathlib import Path

from containers import Broken

CHART = Path(__file__).resolve().parents[2] / "helm/gongzhi/rendered"
DATABASE_URL = "postgresql://gongzhi@127.0.0.1:5432/gongzhi"
# How long processor time is counted.
PROCESSOR_SECONDS = 20
NATS_URL = "nats://127.0.0.1:4222"
# As the chart asks: a service each, and the first of its gRPC services.
SERVICES = {
    "organization": "gongzhi.organization.v1.IdentityService",
    "grid": "gongzhi.grid.v1.GridService",
    "dispatch": "gongzhi.dispatch.v1.CaseService",
    "deliberation": "gongzhi.deliberation.v1.TopicService",
    "reporting": "gongzhi.reporting.v1.ReportingService",
    "exchange": "gongzhi.exchange.v1.CatalogueService",
    "portal": None,
}
# A record and a broker as they come, beside the services; what a commit waits for is not measured here.
POSTGRES = """
initdb --no-sync --username=gongzhi --auth=trust --encoding=UTF8 --locale-provider=libc --locale=C --lc-ctype=C.UTF-8 --pgdata=/data/postgres &&
echo 'create database gongzhi' | postgres --single -D /data/postgres postgres &&
exec postgres -D /data/postgres -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=100
"""


def memory_of_chart(entry, part):
    """What the chart requests and allows for a part: (request, limit) in MiB."""
    text = (CHART / entry / f"{part}.yaml").read_text()
    found = re.search(r"resources:\n +limits:\n(?: +cpu: .*\n)? +memory: (\d+)(Mi|Gi)\n +requests:\n(?: +cpu: .*\n)? +memory: (\d+)(Mi|Gi)\n", text)
    if not found:
        raise Broken(f"rendered/{entry}/{part}.yaml says nothing of memory in the way in which it is read here")
    mebibytes = {"Mi": 1, "Gi": 1024}
    return int(found[3]) * mebibytes[found[4]], int(found[1]) * mebibytes[found[2]]


def kibibytes(text, word):
    return int(re.search(rf"^{word}:\s+(\d+) kB", text, re.M).group(1))


def answer_in_operations(containers, image):
    """Whether the program serves what the chart and Prometheus ask: older ones do not."""
    return "GONGZHI_OPERATIONS_ADDRESS" in containers.run("config", image, "config")


def ask_operations(report, container, address, seconds=30):
    container.await_probe("http", address, "/readyz", seconds=seconds)
    container.await_probe("http", address, "/livez", seconds=5)
    container.await_probe("grpc", address, "gongzhi.ready", seconds=5)
    told = container.probe("http", address, "/metrics")[1]
    if "gongzhi_build_info" not in told:
        raise Broken(f"{container.name}: /metrics tells no gongzhi_build_info: {told[:300]}")
    report.passed(f"{container.name}: /livez, /readyz, /metrics and gongzhi.ready at {address}")


def hardened(report, container):
    wrong = container.not_enforced()
    if wrong:
        raise Broken(f"{container.name}: {'; '.join(wrong)}")
    writable = ", ".join(sorted(container.writable)) or "nothing"
    report.passed(f"{container.name}: 65532, no capability, no new rights, seccomp, no network but its own, may write to {writable}")


def ends_in_order(report, container, seconds):
    """Told to end, it ends by itself with 0 before its time is over."""
    code, took = container.stop(seconds)
    if code:
        raise Broken(f"{container.name} ended with {code} after {took:.0f} s: {container.logs()[-1000:]}")
    report.passed(f"{container.name} ends in order in {took:.1f} s")


def web_app(container, address):
    """The page is the app, not what stands in for it, and its script is there."""
    page = container.probe("http", address, "/")[1]
    script = re.search(r'<script[^>]* src="([^"]+)"', page)
    if not script:
        raise Broken(f"the portal's page has no script: {page[:300]}")
    found, text = container.probe("http", address, script[1])
    if not found or len(text) < 10_000:
        raise Broken(f"the portal has no {script[1]}: {text[:300]}")


def noticed(report, containers, image):
    """A container that runs as root, keeps rights and may write anywhere is found out; else nobody ever is."""
    container = containers.start_loose("loose", image, "up")
    wrong = " ".join(container.not_enforced())
    container.remove()
    for word in ("it runs as", "CapEff", "may gain rights", "may write to /"):
        if word not in wrong:
            raise Broken(f"of a container that may do much it is not seen that {word}: {wrong}")
    report.passed("a container that may do more is noticed")


def trial(report, containers, image, operations):
    """`gongzhi up` as the chart's trial: one volume, one temporary folder; killed twice, and started on what it left."""
    limit = memory_of_chart("embedded", "trial")[1]
    settings = {
        "image": image,
        "environment": {"GONGZHI_OPERATIONS_ADDRESS": "127.0.0.1:9464"},
        "memory": f"{limit}m",
        "temporary": ["/tmp"],
        "volumes": {"/data": containers.volume("trial")},
    }
    container = containers.start("trial", **settings)
    container.await_probe("http", "127.0.0.1:8080", "/healthz", seconds=120)
    hardened(report, container)
    container.await_probe("grpc", "127.0.0.1:50051", seconds=5)
    container.await_probe("grpc", "127.0.0.1:50051", SERVICES["dispatch"], seconds=5)
    if container.probe("grpc", "127.0.0.1:50051", "gongzhi.nobody.v1.NobodyService")[0]:
        raise Broken("a service that nobody has is told to serve: the probe cannot fail")
    web_app(container, "127.0.0.1:8080")
    report.passed("trial: the portal and its web app, gRPC and the service that the chart asks for")
    if operations:
        ask_operations(report, container, "127.0.0.1:9464")
    container.wait_until("its parts are seen", 10, lambda: {"gongzhi", "postgres", "nats-server"} <= set(shares(container)))
    for program, kib in sorted(shares(container).items()):
        report.measured(f"trial: {program}", resident=kib)
    # Twice: what the first of them left was noted by numbers of processes that the second start has again.
    for _ in range(2):
        container.kill()
        container.remove()
        container = containers.start("trial", **settings)
        container.await_probe("http", "127.0.0.1:8080", "/healthz", seconds=120)
        container.await_probe("grpc", "127.0.0.1:50051", SERVICES["dispatch"], seconds=60)
    report.passed("trial: killed twice, it starts again on what it left")
    ends_in_order(report, container, 60)
    container.remove()


def shares(container):
    """Memory by program, in KiB; what processes share is counted in parts, so that the sum is true."""
    found = {}
    for process in container.processes():
        name = (process / "comm").read_text().strip()
        found[name] = found.get(name, 0) + kibibytes((process / "smaps_rollup").read_text(), "Pss")
    return found


def services(report, containers, image, trial_image, operations):
    """Each service alone in a container without any place to write, as a Deployment runs it, on one record and one broker."""
    record = containers.start("record", trial_image, "-c", POSTGRES, entrypoint="/bin/sh", temporary=["/data"])
    # The first has the network that the others share.
    broker = containers.start("broker", trial_image, "--addr", "127.0.0.1", "--jetstream", "--store_dir", "/data", entrypoint="/usr/bin/nats-server", temporary=["/data"], beside="record")
    ready = ["exec", "record", "pg_isready", "--quiet", "--host", "127.0.0.1"]
    record.wait_until("it takes connections", 60, lambda: containers.podman(*ready, check=False).returncode == 0)
    broker.wait_until("it is ready", 30, lambda: "Server is ready" in broker.logs())
    # The broker has what memory the machine can spare, and takes no stream that could outgrow it.
    ground = {"GONGZHI_DATABASE_URL": DATABASE_URL, "GONGZHI_NATS_URL": NATS_URL, "GONGZHI_LOG_FORMAT": "json", "GONGZHI_STREAM_MAX_BYTES": str(256 << 20)}
    migrated = containers.run("migrate", image, "migrate", environment=ground, beside="record", seconds=120)
    report.passed(f"gongzhi migrate: {', '.join(line.split()[0] for line in migrated.splitlines() if line.endswith('is up to date'))}")
    upstreams = ",".join(f"{name}=http://127.0.0.1:{50051 + nth}" for nth, name in enumerate(SERVICES) if name != "portal")
    running = {}
    # Organization comes first: it makes the key by which the others know who is asking.
    for nth, name in enumerate(SERVICES):
        address = f"127.0.0.1:{50051 + nth}"
        environment = {**ground, "GONGZHI_DATABASE_CONNECTIONS": "5", "GONGZHI_GRPC_ADDRESS": address, "GONGZHI_OPERATIONS_ADDRESS": f"127.0.0.1:{9464 + nth}"}
        if name == "portal":
            environment |= {"GONGZHI_UPSTREAMS": upstreams, "GONGZHI_PORTAL_ADDRESS": "127.0.0.1:8080"}
        limit = memory_of_chart("default", name)[1]
        running[name] = container = containers.start(name, image, "serve", name, environment=environment, memory=f"{limit}m", beside="record")
        if name == "portal":
            container.await_probe("http", "127.0.0.1:8080", "/healthz")
            web_app(container, "127.0.0.1:8080")
        else:
            container.await_probe("grpc", address, SERVICES[name])
        hardened(report, container)
        if operations:
            ask_operations(report, container, f"127.0.0.1:{9464 + nth}")
    through_the_portal(report, running["portal"])
    measure(report, running, {"PostgreSQL": record, "NATS": broker})
    for container in running.values():
        ends_in_order(report, container, 33)
    for container in (*running.values(), broker, record):
        container.remove()


def through_the_portal(report, portal):
    """From one container over another to the record: the keys that organization keeps there."""
    found, text = portal.probe("http", "127.0.0.1:8080", "/.well-known/jwks.json")
    if not found or not json.loads(text).get("keys"):
        raise Broken(f"the portal gets no keys of organization: {text[:300]}")
    report.passed("the portal gets the keys from organization, and organization from the record")


def measure(report, running, ground):
    """Memory at rest, when it has not moved for three seconds, and what resting costs; more memory than the chart requests is wrong."""
    statuses = {name: still(container) for name, container in running.items()}
    processor = processor_at_rest({**running, **ground})
    for name, status in statuses.items():
        request, limit = memory_of_chart("default", name)
        memory = {"resident": kibibytes(status, "VmRSS"), "own": kibibytes(status, "RssAnon"), "highest": kibibytes(status, "VmHWM")}
        report.measured(name, **memory, request=request, limit=limit, processor=processor[name])
        if memory["resident"] > request * 1024:
            raise Broken(f"{name} takes more at rest than the {request} MiB that the chart requests for it")
    for name in ground:
        report.measured(f"{name} beside them", processor=processor[name])
    report.passed("every service at rest fits into what the chart requests for it")


def processor_at_rest(containers):
    """Thousandths of a core that each takes while nobody calls; of all at the same time."""
    before = {name: processor_seconds(container) for name, container in containers.items()}
    time.sleep(PROCESSOR_SECONDS)
    return {name: (processor_seconds(container) - before[name]) / PROCESSOR_SECONDS * 1000 for name, container in containers.items()}


def processor_seconds(container):
    """Of its processes and of those that they have waited for, user and system; proc(5), fields 14 to 17 of stat."""
    ticks = 0
    for process in container.processes():
        # The name, in brackets, may hold anything.
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def still(container):
    file, looks = Path(f"/proc/{container.pid}/status"), []

    def rests():
        looks.append(file.read_text())
        resident = [kibibytes(look, "VmRSS") for look in looks[-15:]]
        return len(resident) == 15 and max(resident) - min(resident) < 1024

    container.wait_until("it comes to rest", 60, rests)
    return looks[-1]


def demonstration(report, containers, image):
    """The whole story, with systems of departments as processes of their own, in a container that keeps nothing."""
    said = containers.run("demo", image, "demo", "--exit", memory=f"{memory_of_chart('embedded', 'trial')[1]}m", temporary=["/tmp"], seconds=600)
    if "看板" not in said or "吹哨单" not in said:
        raise Broken(f"gongzhi demo --exit ended without its board and its whistle: {said[-1000:]}")
    report.passed("gongzhi demo --exit tells its story to the end")

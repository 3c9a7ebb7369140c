"""The exchange of the master key of contact data, on a model of a cluster: whatever breaks off and wherever, every record stays open to every pod, and doing it again ends it."""

import base64
import contextlib
import io
import json
from pathlib import Path

import contact_key
import run

from .report import CHART, yaml_of

OLD, NEW, OTHER = "a1" * 32, "b2" * 32, "d4" * 32
# Objects of the chart, and of the release's copies as the operator labels them.
RENDERED = CHART / "rendered/city"
COPY = "330106"
# How often a pod of before is still listed after the rollout has ended.
LINGERS = 2


class BrokeOff(Exception):
    """The connection is lost."""


class Harm(Exception):
    """Something that must never be."""


class Pod:
    def __init__(self, uid, keys):
        self.uid, self.keys, self.lingers = uid, keys, None


class Cluster:
    """As much of a cluster as is asked: Deployments with pods that read a Secret when they start, seal a record at every moment, and open all of their district."""

    def __init__(self, deployments, text, breaks_at=None):
        self.deployments = {deployment["metadata"]["name"]: deployment for deployment in deployments}
        self.secret, self.version = text, 1
        self.calls, self.breaks_at = 0, breaks_at
        self.jobs, self.made = {}, 0
        self.pods = {name: [self.pod(), self.pod()] for name in self.deployments}
        # By which key the key of each record is wrapped; a database for every district.
        self.records = {self.instance(name): [] for name in self.deployments}
        self.moment()

    def pod(self):
        self.made += 1
        return Pod(f"uid-{self.made}", self.masters())

    def masters(self):
        return self.secret.partition(contact_key.ROOT)[0].split(",")

    def instance(self, name):
        return self.deployments[name]["metadata"]["labels"]["app.kubernetes.io/instance"]

    def moment(self):
        """A report comes in at every pod of dispatch, and every pod reads everything."""
        serving = [(name, pod) for name, pods in self.pods.items() if "dispatch" in name for pod in pods]
        for name, pod in serving:
            self.records[self.instance(name)].append(pod.keys[0])
        for name, pod in serving:
            if not set(self.records[self.instance(name)]) <= set(pod.keys):
                raise Harm(f"a pod of {name} cannot open what another one sealed")

    def kubectl(self, _, *arguments, text=None):
        self.calls += 1
        if self.calls == self.breaks_at:
            raise BrokeOff
        verb, *rest = arguments
        if verb in ("get", "patch", "rollout"):
            kind, *rest = rest
            verb = f"{verb}_{kind}"
        answer = getattr(self, f"do_{verb}")(*rest, text=text)
        self.moment()
        return answer

    def chosen(self, objects, selector, labels):
        wanted = dict(pair.split("=") for pair in selector.split(","))
        return [made for made in objects if wanted.items() <= labels(made).items()]

    def do_get_deployment(self, _, selector, *__, text):
        found = self.chosen(self.deployments.values(), selector, lambda deployment: deployment["metadata"]["labels"])
        return json.dumps({"items": found})

    def do_get_secret(self, *_, text):
        data = base64.b64encode(self.secret.encode()).decode()
        return json.dumps({"metadata": {"resourceVersion": str(self.version)}, "data": {"contact-key": data}})

    def do_patch_secret(self, *arguments, text):
        patch = json.loads(Path(arguments[-1]).read_text())
        if patch["metadata"]["resourceVersion"] != str(self.version):
            raise Harm("the Secret was changed by somebody else meanwhile")
        self.secret, self.version = patch["stringData"]["contact-key"], self.version + 1

    def do_rollout_restart(self, _, name, text):
        for pod in self.pods[name]:
            pod.lingers = LINGERS
        self.pods[name] += [self.pod(), self.pod()]

    def do_rollout_status(self, *_, text):
        return ""

    def do_get_pods(self, _, selector, *__, text):
        labels = lambda name: self.deployments[name]["spec"]["template"]["metadata"]["labels"]
        (name,) = self.chosen(self.pods, selector, labels)
        for pod in self.pods[name]:
            if pod.lingers is not None:
                pod.lingers -= 1
        self.pods[name] = [pod for pod in self.pods[name] if pod.lingers is None or pod.lingers >= 0]
        return json.dumps({"items": [{"metadata": {"uid": pod.uid}} for pod in self.pods[name]]})

    def do_create(self, *_, text):
        job = json.loads(text)
        instance = job["metadata"]["labels"]["app.kubernetes.io/instance"]
        wrapped, keys = self.records[instance], self.masters()
        if "--help" in job["spec"]["template"]["spec"]["containers"][0]["args"]:
            self.jobs[job["metadata"]["name"]] = "", True
            return
        anew = sum(key in keys[1:] for key in wrapped)
        already = wrapped.count(keys[0])
        self.records[instance] = [keys[0] if key in keys else key for key in wrapped]
        output = f"{anew} keys of records wrapped anew by the key {contact_key.fingerprint(keys[0])}, {already} were so already\n"
        self.jobs[job["metadata"]["name"]] = output, anew + already == len(wrapped)

    def do_get_job(self, name, *_, text):
        return json.dumps({"status": {"succeeded" if self.jobs[name][1] else "failed": 1}})

    def do_logs(self, name, text):
        return self.jobs[name.removeprefix("job/")][0]


def deployments(yaml):
    """Those of the release that have the key, and copies of them."""
    made = []
    for service in contact_key.SERVICES:
        for document in yaml.safe_load_all((RENDERED / f"{service}.yaml").read_text()):
            if document and document["kind"] == "Deployment":
                release = json.dumps(document)
                copy = json.loads(release.replace('instance": "gongzhi"', f'instance": "gongzhi-{COPY}"').replace(f'"gongzhi-{service}"', f'"gongzhi-{COPY}-{service}"'))
                copy["metadata"]["labels"][run.DISTRICT] = COPY
                made += [document, copy]
    return made


def exchange(cluster, new=NEW):
    """Does it until it is over; gives how often it had to be begun."""
    kept = run.kubectl, contact_key.UNTIL_NODES_KNOW_SECONDS, contact_key.LOOK_EVERY_SECONDS, run.LOOK_EVERY_SECONDS
    run.kubectl, contact_key.UNTIL_NODES_KNOW_SECONDS, contact_key.LOOK_EVERY_SECONDS, run.LOOK_EVERY_SECONDS = cluster.kubectl, 0, 0, 0
    try:
        for nth in range(1, 5):
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), contextlib.suppress(BrokeOff):
                contact_key.Exchange("gongzhi", new).carry_out(False)
                return nth
        raise Harm("it does not come to its end")
    finally:
        run.kubectl, contact_key.UNTIL_NODES_KNOW_SECONDS, contact_key.LOOK_EVERY_SECONDS, run.LOOK_EVERY_SECONDS = kept


def check_one(report, what, made, text, root, breaks_at=None):
    """One exchange, broken off once or never; gives how many calls it took."""
    try:
        cluster = Cluster(made, text, breaks_at)
        begun = exchange(cluster)
        wrapped = set().union(*cluster.records.values())
        if cluster.secret != f"{NEW},deliberation:{root}":
            report.fail(f"{what}: the Secret holds {cluster.secret.count(',')} commas and another list than the new key and the root")
        if wrapped != {NEW} or any(pod.keys != [NEW] for pods in cluster.pods.values() for pod in pods):
            report.fail(f"{what}: something still hangs on a former key")
        if begun != (1 if breaks_at is None else 2):
            report.fail(f"{what}: it was begun {begun} times")
        return cluster.calls
    except (Harm, SystemExit) as harm:
        report.fail(f"{what}: {harm}")
        return 0


def check(report):
    yaml = yaml_of(report)
    if yaml is None:
        return
    made = deployments(yaml)
    root = contact_key.root_of(OLD)
    begins = [("the first exchange", OLD, root), ("a later exchange", f"{OLD},deliberation:{'c3' * 32}", "c3" * 32), ("another one is under way", f"{OTHER},{OLD},deliberation:{root}", root), ("it is done already", f"{NEW},deliberation:kept", "kept")]
    played = 0
    for what, text, wanted in begins:
        calls = check_one(report, what, made, text, wanted)
        for breaks_at in range(1, calls + 1):
            check_one(report, f"{what}, broken off at call {breaks_at} of {calls}", made, text, wanted, breaks_at)
            played += 1
    report.done("exchanges of the contact key that break off", played)

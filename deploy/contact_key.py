#!/usr/bin/env python3
"""Exchanges the master key of contact data while everybody works, in the release and in its copies for further districts.

    (umask 077; openssl rand -hex 32 > new-contact-key)     and a copy of it into the safe
    deploy/contact_key.py --new-key new-contact-key

Its way follows from what the Secret holds: everybody opens by both keys, then the new one seals, the keys of records are wrapped by it, and the former one is gone
when nothing hangs on it. So it may break off anywhere, and is done again with the same file until it says that it is over. A key leaves the Secret only when
no pod that sealed by it is left and no record hangs on it.
"""

import argparse
import base64
import hashlib
import hmac
import json
import re
import sys
import tempfile
import time
from pathlib import Path

import run

SETTING = "GONGZHI_CONTACT_KEY"
ROOT = ",deliberation:"
SERVICES = ("dispatch", "deliberation")
# A node may hold a Secret as it was a moment ago.
UNTIL_NODES_KNOW_SECONDS = 5
LOOK_EVERY_SECONDS = 2
# A pod ends within half a minute of being told to, unless its node is lost.
PODS_END_WITHIN_SECONDS = 300
ANEW = re.compile(r"(\d+) keys of records wrapped anew by the key ([0-9a-f]{16})")


def fingerprint(key):
    """As the program tells by which key it wraps."""
    return hashlib.sha256(key.lower().encode()).hexdigest()[:16]


def root_of(key):
    """What deliberation makes of a district's first key."""
    return hmac.new(key.encode(), b"deliberation", hashlib.sha256).hexdigest()


class Exchange:
    """An exchange of the key in the Secret that the services of a namespace read, for a new one."""

    def __init__(self, namespace, new):
        self.namespace, self.new = namespace, new
        self.deployments = {service: self.that_read(service) for service in SERVICES}
        places = {self.place(deployment) for found in self.deployments.values() for deployment in found}
        if not all(self.deployments.values()) or len(places) != 1:
            sys.exit(f"in {namespace} no Deployments of {' and '.join(SERVICES)} read one Secret for {SETTING}: name the namespace with -n, or set secrets.contactKey first")
        self.secret, self.key = places.pop()

    def kubectl(self, *arguments):
        return run.kubectl(self.namespace, *arguments)

    def that_read(self, service):
        """The Deployments of a service, copies for further districts among them, that read the setting from a Secret."""
        selector = f"app.kubernetes.io/name=gongzhi,app.kubernetes.io/component={service}"
        found = json.loads(self.kubectl("get", "deployment", "-l", selector, "-o", "json"))["items"]
        return [deployment for deployment in found if self.place(deployment)]

    @staticmethod
    def place(deployment):
        """Secret and key of the setting; none where it is not set from one."""
        for setting in deployment["spec"]["template"]["spec"]["containers"][0].get("env", []):
            if setting["name"] == SETTING and "secretKeyRef" in setting.get("valueFrom", {}):
                reference = setting["valueFrom"]["secretKeyRef"]
                return reference["name"], reference["key"]
        return None

    def read(self):
        """The keys in the Secret, the one that seals first; the root behind them, or none; the version of the Secret."""
        secret = json.loads(self.kubectl("get", "secret", self.secret, "-o", "json"))
        owners = [owner["kind"] for owner in secret["metadata"].get("ownerReferences", [])]
        if owners:
            sys.exit(f"the Secret {self.secret} is made by {', '.join(owners)}, which would put the former key back: change the key where that reads it, step by step as the runbook says")
        text = base64.b64decode(secret.get("data", {}).get(self.key, "")).decode()
        keys, _, root = text.partition(ROOT)
        keys = keys.split(",")
        if not all(re.fullmatch("[0-9a-fA-F]{64}", key) for key in keys):
            sys.exit(f"{self.key} in the Secret {self.secret} is not what {SETTING} takes; services that start now would say what is wrong with it")
        return keys, root or None, secret["metadata"]["resourceVersion"]

    def put(self, keys):
        """Lets every pod have these keys, the one that seals first. The root behind them stays, or is made of the only key that was there."""
        former, root, version = self.read()
        text = ",".join(keys) + ROOT + (root or root_of(former[0]))
        # The last applied configuration, where there is one, would keep the former key for everybody who may read the Secret.
        metadata = {"resourceVersion": version, "annotations": {"kubectl.kubernetes.io/last-applied-configuration": None}}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as patch:
            # A file that only we can read: what stands on a command line others see.
            json.dump({"metadata": metadata, "stringData": {self.key: text}}, patch)
            patch.flush()
            self.kubectl("patch", "secret", self.secret, "--type", "merge", "--patch-file", patch.name)
        self.restart()

    def restart(self):
        """Returns when every pod was started with what the Secret holds and none of before is left."""
        time.sleep(UNTIL_NODES_KNOW_SECONDS)
        for service in SERVICES:
            for deployment in self.deployments[service]:
                name = deployment["metadata"]["name"]
                print(f"{name}: its pods are exchanged", flush=True)
                before = self.pods(deployment)
                self.kubectl("rollout", "restart", "deployment", name)
                self.kubectl("rollout", "status", "deployment", name, "--timeout", "10m")
                # A pod that is ending still seals, and the rollout does not wait for it.
                until = time.monotonic() + PODS_END_WITHIN_SECONDS
                while before & self.pods(deployment):
                    if time.monotonic() > until:
                        sys.exit(f"pods of {name} from before are still there; when they are gone, do this again with the same file")
                    time.sleep(LOOK_EVERY_SECONDS)

    def pods(self, deployment):
        labels = deployment["spec"]["selector"]["matchLabels"]
        selector = ",".join(f"{label}={value}" for label, value in labels.items())
        found = json.loads(self.kubectl("get", "pods", "-l", selector, "-o", "json"))["items"]
        # One that was put out by its node stays listed, and seals nothing.
        return {pod["metadata"]["uid"] for pod in found if pod.get("status", {}).get("phase") not in ("Succeeded", "Failed")}

    def wrap(self, *more):
        """Wraps the keys of records by the new one, in every district; gives how many were not, or none where records open with none of the keys."""
        anew = 0
        for deployment in self.deployments["dispatch"]:
            succeeded, output = run.run(self.namespace, deployment, ["contact", "exchange-keys", *more])
            sys.stdout.write(output)
            found = ANEW.search(output)
            if not found:
                sys.exit("that is not what `contact exchange-keys` says when it was done; look into it, then do this again with the same file")
            if found[2] != fingerprint(self.new):
                sys.exit("it wrapped by another key than the new one: somebody changed the Secret, or its node does not know it yet; do this again with the same file")
            if not succeeded:
                return None
            anew += int(found[1])
        return anew

    def check_programs(self):
        """A program from before there were several keys would read the list as one: dispatch does not start with it, deliberation counts households anew."""
        for deployment in self.deployments["dispatch"]:
            knows, output = run.run(self.namespace, deployment, ["contact", "exchange-keys", "--help"])
            if not knows:
                sys.exit(f"{deployment['metadata']['name']} runs a program that knows no exchange of keys; upgrade first\n{output}")

    def carry_out(self, forget_kept):
        self.check_programs()
        keys, _, _ = self.read()
        former = [key for key in keys if key.lower() != self.new]
        if former and keys[0].lower() != self.new:
            self.put([*former, self.new])
        if former:
            self.put([self.new, *former])
        else:
            self.restart()
        while anew := self.wrap():
            print(f"{anew} keys of records hung on another key; once more", flush=True)
        if anew is None:
            sys.exit("records open with none of the keys in the Secret; they stay as they are. Find the key that they were wrapped by (the safe has it) and put it behind the others")
        if former:
            self.put([self.new])
            if self.wrap() != 0:
                self.put([self.new, *former])
                sys.exit("something was still sealed by the former key, so it is back in the Secret; do this again with the same file")
        if forget_kept and self.wrap("--forget-kept") is None:
            sys.exit("the kept key is not forgotten")
        print(f"over: everything hangs on the key {fingerprint(self.new)} alone")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, epilog="The runbook key-rotation says when, and what to do with backups of before.")
    arguments.add_argument("-n", "--namespace", default="gongzhi", help="namespace of the release; default: gongzhi")
    arguments.add_argument("--new-key", required=True, type=Path, metavar="FILE", help="holds the new key, 64 hexadecimal digits; keep it until this is over")
    arguments.add_argument("--forget-kept", action="store_true", help="at the end the databases forget the key that they kept from before one was given")
    options = arguments.parse_args()
    try:
        new = options.new_key.read_text().strip()
    except OSError as error:
        arguments.error(f"{options.new_key}: {error.strerror}")
    if not re.fullmatch("[0-9a-f]{64}", new):
        arguments.error(f"{options.new_key} must hold 64 small hexadecimal digits: openssl rand -hex 32")
    Exchange(options.namespace, new).carry_out(options.forget_kept)


if __name__ == "__main__":
    main()

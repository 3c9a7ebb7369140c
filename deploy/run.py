#!/usr/bin/env python3
"""Runs one command of the program in the cluster, beside the services or in place of them, and gives its output and its exit code.

    deploy/run.py bus parked
    deploy/run.py -n gongzhi-330106 audit verify

It is a Job with image, settings and secrets of the release's service dispatch, which need not run: so it works while everything is stopped, as
`bus rebuild` wants it. It carries the component of `helm test`, to which the NetworkPolicies open database and bus, and which no Service sends calls to; beside a copy for a
further district that of its migration, which has a policy there. Its output is what the node keeps of it, most often the last 10 MiB.
"""

import argparse
import json
import subprocess
import sys
import time

# What the pod of a service has and a command has not.
SERVING = ("ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle")
LOOK_EVERY_SECONDS = 2
# Carried by what the operator copies for a further district.
DISTRICT = "gongzhi.io/district"


def kubectl(namespace, *arguments, text=None):
    ended = subprocess.run(["kubectl", "-n", namespace, *arguments], input=text, capture_output=True, text=True)
    if ended.returncode:
        sys.exit(f"kubectl {' '.join(arguments[:3])}: {ended.stderr.strip()}")
    return ended.stdout


def job(deployment, command, name):
    """The Job that runs a command as the pods of a Deployment run the service."""
    pod = deployment["spec"]["template"]["spec"]
    container = {key: value for key, value in pod["containers"][0].items() if key not in SERVING}
    container |= {"name": "command", "args": command}
    # Neither a probe's address nor a server's; a command serves nothing.
    container["env"] = [setting for setting in container.get("env", []) if setting["name"] != "GONGZHI_OPERATIONS_ADDRESS"]
    labels = {key: value for key, value in deployment["spec"]["template"]["metadata"]["labels"].items() if key.startswith("app.kubernetes.io/")}
    labels["app.kubernetes.io/component"] = "migrate" if DISTRICT in deployment["metadata"]["labels"] else "check"
    kept = {key: pod[key] for key in ("imagePullSecrets", "volumes", "nodeSelector", "tolerations", "securityContext", "automountServiceAccountToken", "enableServiceLinks") if key in pod}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            # Once: what broke off is looked at before it is tried again.
            "backoffLimit": 0,
            "ttlSecondsAfterFinished": 86400,
            "template": {"metadata": {"labels": labels}, "spec": {**kept, "containers": [container], "restartPolicy": "Never"}},
        },
    }


def end_of(namespace, name):
    """Waits for the end of the Job; gives whether it did what it was asked."""
    while True:
        status = json.loads(kubectl(namespace, "get", "job", name, "-o", "json")).get("status", {})
        if status.get("succeeded"):
            return True
        if status.get("failed"):
            return False
        time.sleep(LOOK_EVERY_SECONDS)


def run(namespace, deployment, command):
    """Runs a command as the pods of a Deployment run the service; gives whether it did what it was asked, and its output."""
    name = f"command-{time.time_ns() // 1_000_000}"
    kubectl(namespace, "create", "-f", "-", text=json.dumps(job(deployment, command, name)))
    print(f"{namespace}/{name}: gongzhi {' '.join(command)}", file=sys.stderr)
    succeeded = end_of(namespace, name)
    return succeeded, kubectl(namespace, "logs", f"job/{name}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("-n", "--namespace", default="gongzhi", help="namespace of the release; default: gongzhi")
    arguments.add_argument("--release", default="gongzhi", help="name of the release; default: gongzhi")
    arguments.add_argument("command", nargs=argparse.REMAINDER, help="the command, as after `gongzhi`")
    options = arguments.parse_args()
    if not options.command:
        arguments.error("say what to run, for example: bus parked")
    selector = f"app.kubernetes.io/instance={options.release},app.kubernetes.io/component=dispatch"
    found = json.loads(kubectl(options.namespace, "get", "deployment", "-l", selector, "-o", "json"))["items"]
    if len(found) != 1:
        sys.exit(f"there are {len(found)} Deployments of dispatch of the release {options.release} in {options.namespace}: name them with -n and --release")
    succeeded, output = run(options.namespace, found[0], options.command)
    sys.stdout.write(output)
    return 0 if succeeded else 1


if __name__ == "__main__":
    sys.exit(main())

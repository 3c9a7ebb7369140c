"""What must be true of an image and of its bill of materials without running it."""

import json
import subprocess
import sys
import tarfile

from containers import Broken

# What a service's image must not have: with any of these a thief could go on from it.
TOOLS = {"sh", "bash", "dash", "busybox", "apt", "apt-get", "dpkg", "perl", "python3", "curl", "wget", "nc"}
BILL = "usr/share/doc/gongzhi/sbom.cdx.json"
# Validates against the schema that CycloneDX publishes; brings it along.
VALIDATOR = "cyclonedx-python-lib[json-validation]==11.12.0"
VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read())
sys.exit(str(wrong.data)[:2000] if wrong else 0)
"""


class Contents:
    """The files of an image as it is stored."""

    def __init__(self, containers, image):
        name = containers.podman("create", "--network", "none", image).stdout.strip()
        file = containers.folder / "export.tar"
        containers.podman("export", "--output", file, name)
        containers.podman("rm", name)
        with tarfile.open(file) as archive:
            self.members = {member.name.removeprefix("./").rstrip("/"): member for member in archive.getmembers()}
            wanted = [name for name in self.members if name in ("etc/passwd", "etc/group", "etc/ssl/certs/ca-certificates.crt", BILL)]
            self.texts = {name: archive.extractfile(self.members[name]).read().decode() for name in wanted}
        file.unlink()

    def wrong(self, trial):
        """What is not as the README says."""
        for path, member in self.members.items():
            if member.isfile() and member.mode & 0o6000:
                yield f"{path} changes who runs it"
            if member.uid or member.gid:
                yield f"{path} belongs to {member.uid}:{member.gid}"
            if member.mode & 0o002 and not member.issym() and not (member.isdir() and member.mode & 0o1000):
                yield f"anybody may write {path}"
        found = {path.rpartition("/")[2] for path, member in self.members.items() if not member.isdir()}
        if not trial and found & TOOLS:
            yield f"it has {', '.join(sorted(found & TOOLS))}"
        for path, word in {"etc/passwd": "gongzhi:x:65532:65532:", "etc/group": "gongzhi:x:65532:"}.items():
            if word not in self.texts.get(path, ""):
                yield f"{path} does not know 65532"
        if self.texts.get("etc/ssl/certs/ca-certificates.crt", "").count("BEGIN CERTIFICATE") < 100:
            yield "it trusts hardly any authority"
        yield from self.wrong_in_bill(trial)

    def wrong_in_bill(self, trial):
        components = json.loads(self.texts.get(BILL, "{}")).get("components", [])
        kinds = {kind: [part for part in components if part["purl"].startswith(f"pkg:{kind}/")] for kind in ("cargo", "npm", "deb", "golang")}
        unpacked = {path.rpartition("/")[2] for path, member in self.members.items() if path.startswith("var/lib/dpkg/status.d/") and member.isfile()}
        if {part["name"] for part in kinds["deb"]} != unpacked or not unpacked:
            yield f"the bill does not name the Debian packages that are in it: {sorted(unpacked)}"
        for kind in ("cargo", "npm") + (("golang",) if trial else ()):
            if not kinds[kind]:
                yield f"the bill names nothing of {kind}"
        for part in components:
            foreign = part["purl"].startswith(("pkg:cargo/", "pkg:npm/")) and not part["name"].startswith("gongzhi")
            if foreign and not (part.get("licenses") and part.get("hashes")):
                yield f"the bill has no licence or no hash of {part['purl']}"

    def bill(self):
        return self.texts[BILL]


class Validator:
    """The library that knows the schema, in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder / "validator"
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", self.folder, VALIDATOR]
        installed = subprocess.run(pip, capture_output=True, text=True)
        self.missing = installed.stderr.strip()[-300:] if installed.returncode else None

    def validate(self, text):
        """What is wrong with a bill; a bill that lost what every bill has must be found wrong, else nothing is ever found."""
        broken = json.loads(text)
        del broken["components"][0]["name"]
        if not self._wrong(json.dumps(broken)):
            raise Broken("the validator lets a component without a name pass")
        return self._wrong(text)

    def _wrong(self, text):
        command = [sys.executable, "-c", VALIDATE]
        ended = subprocess.run(command, input=text, capture_output=True, text=True, env={"PYTHONPATH": str(self.folder)})
        return ended.stderr.strip() if ended.returncode else ""

"""Debian's packages of Go libraries, unpacked into a folder: nothing is installed."""

import concurrent.futures
import hashlib
import lzma
import re
import subprocess
import urllib.request


def mirror():
    """Debian's mirror, as this machine's apt has it."""
    asked = subprocess.run(["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"], capture_output=True, text=True, check=True)
    sites = [site for site in asked.stdout.split() if site.rstrip("/").endswith("/debian")]
    if not sites:
        raise SystemExit("apt knows no mirror of Debian: this runs on Debian, with one in its sources")
    return sites[0].rstrip("/")


class Suite:
    """What a suite has for amd64."""

    def __init__(self, name):
        self.mirror = mirror()
        self.packages, self.provided = {}, {}
        with urllib.request.urlopen(f"{self.mirror}/dists/{name}/main/binary-amd64/Packages.xz", timeout=120) as answer:
            text = lzma.decompress(answer.read()).decode()
        for paragraph in text.split("\n\n"):
            fields = dict(re.findall(r"^([\w-]+): (.*)$", paragraph, re.M))
            name = fields.get("Package")
            if name and name not in self.packages:
                self.packages[name] = fields
                for provided in names(fields.get("Provides", "")):
                    self.provided.setdefault(provided[0], name)

    def closure(self, wanted):
        """These and every Go library that they need."""
        found, left = set(), list(wanted)
        while left:
            name = left.pop()
            name = name if name in self.packages else self.provided.get(name)
            if name is None or name in found:
                continue
            found.add(name)
            for alternatives in names(self.packages[name].get("Depends", "")):
                there = [one for one in alternatives if one in self.packages or one in self.provided]
                if there and there[0].startswith("golang-"):
                    left.append(there[0])
        return [self.packages[name] for name in sorted(found)]


def names(dependencies):
    """Names of a field of dependencies: a list of alternatives each."""
    every = [[re.sub(r"[\s(:\[].*", "", one.strip()) for one in part.split("|")] for part in dependencies.split(",")]
    return [[one for one in alternatives if one] for alternatives in every if any(alternatives)]


def unpack(suite, packages, kept, root):
    """Fetches those that are not kept, compares their hashes and unpacks them all."""
    for folder in (kept, root):
        folder.mkdir(parents=True, exist_ok=True)

    def fetch(fields):
        file = kept / fields["Filename"].rsplit("/", 1)[1]
        if not file.exists():
            with urllib.request.urlopen(f"{suite.mirror}/{fields['Filename']}", timeout=120) as answer:
                data = answer.read()
            if hashlib.sha256(data).hexdigest() != fields["SHA256"]:
                raise SystemExit(f"{file.name} is not what the suite says")
            file.write_bytes(data)
        subprocess.run(["dpkg-deb", "-x", file, root], check=True)

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(fetch, packages))

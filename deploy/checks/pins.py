"""Versions: everything is pinned, and helmfile and Argo CD install the same, with the same values, in an order that both keep."""

import re

from .report import DEPLOY, name, yaml_of

EXACT = re.compile(r"v?\d+\.\d+\.\d+")
# Images whose tag says an exact version; a moving tag (18, latest, alpine) does not.
TAG = re.compile(r"v?\d+\.\d+(\.\d+)?(-[\w.]+)*")


def check(report):
    yaml = yaml_of(report)
    if not yaml:
        return
    helmfile = yaml.safe_load((DEPLOY / "helmfile.yaml").read_text())
    addresses = {repository["name"]: repository["url"] for repository in helmfile["repositories"]}
    releases = {release["name"]: release for release in helmfile["releases"]}
    waves, there = {}, {}
    for path in sorted((DEPLOY / "argocd/applications").glob("*.yaml")):
        application = yaml.safe_load(path.read_text())
        label = application["metadata"]["name"]
        waves[label] = int(application["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"])
        for source in application["spec"].get("sources", []):
            if "chart" in source:
                values = [file.removeprefix("$district/deploy/") for file in source["helm"]["valueFiles"]]
                there[label] = (source["repoURL"], source["chart"], source["targetRevision"], application["spec"]["destination"]["namespace"], values)
    for label, release in releases.items():
        if release["chart"].startswith(".."):
            continue
        repository, chart = release["chart"].split("/")
        ours = (addresses[repository], chart, release["version"], release["namespace"], release["values"])
        if ours != there.get(label):
            report.fail(f"helmfile.yaml and argocd/ differ in {label}: {ours} and {there.get(label)}")
        if not EXACT.fullmatch(release["version"]):
            report.fail(f"helmfile.yaml: the version of {label} is not exact: {release['version']}")
        for file in release["values"]:
            first = (DEPLOY / file).read_text().split("\n\n")[0]
            if f"`{chart}` {release['version']}" not in first.replace("\n# ", " "):
                report.fail(f"{file}: its first lines do not name chart and version, `{chart}` {release['version']}")
    for label, release in releases.items():
        for need in release.get("needs", []):
            needed = need.split("/")[1]
            if needed not in releases:
                report.fail(f"helmfile.yaml: {label} needs {need}, which is not there")
            elif waves[needed] >= waves[label]:
                report.fail(f"argocd/: {label} needs {needed}, and its wave does not come later")
    for label in there.keys() - releases.keys():
        report.fail(f"argocd/ has {label}, and helmfile.yaml does not")
    report.done("charts", len(there))
    images = []
    for path in sorted(DEPLOY.rglob("*.yaml")):
        images += [(path, image) for image in re.findall(r"(?:image|imageName): ([\w./-]+:[\w.-]+)$", path.read_text(), flags=re.M)]
    for path, image in images:
        if not TAG.fullmatch(image.split(":")[1]):
            report.fail(f"{name(path)}: the tag of {image} moves")
    report.done("images", len(images))

"""Pages: links lead somewhere, runbooks have one form, and what they tell to type is there to be typed."""

import re

from .observability import anchors
from .report import CHART, DEPLOY, ROOT, name, yaml_of

RUNBOOKS = sorted((DEPLOY / "runbooks").glob("*.md"))
SECTIONS = ["When", "What it means", "Look", "Do", "Done when", "Afterwards"]
# Subcommands that pages tell of before the program has them; told as skipped for as long as that is so.
PROMISED = {("account", "create"), ("backup", ""), ("restore", "")}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def links(report, page):
    """Every relative link, and its section; gives how many there are."""
    found = re.findall(r"\]\(([^)\s]+)\)", page.read_text())
    for link in found:
        if re.match(r"[a-z]+:", link):
            continue
        target, _, section = link.partition("#")
        there = (page.parent / target).resolve() if target else page
        if not there.exists():
            report.fail(f"{name(page)}: the link {link} leads nowhere")
        elif section and there.suffix == ".md" and section not in anchors(there):
            report.fail(f"{name(page)}: {name(there)} has no section {section}")
    return len(found)


def fenced(text):
    """The lines that are to be typed."""
    return [line for block in re.findall(r"```sh\n(.*?)```", text, flags=re.S) for line in block.splitlines()]


def variants(text):
    """Words of an enum of commands, with the module of those that have words below them."""
    inside = text.split("enum Command {")[1].split("\n}\n")[0]
    return re.findall(r"^    ([A-Z]\w+)(?:\((?:Box<)?(\w+)::(\w+))?", inside, flags=re.M)


def typed(variant):
    """As it is typed: ExchangeKeys is exchange-keys."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", variant).lower()


def subcommands():
    """What the program takes, read from its sources: each top word, and the words below it where there are any."""
    sources = ROOT / "services/gongzhi/src"
    known = {}
    for word, module, kind in variants((sources / "lib.rs").read_text()):
        known[typed(word)] = set()
        if kind == "Command":
            file = sources / f"{module}.rs"
            text = (file if file.exists() else sources / module / "mod.rs").read_text()
            known[typed(word)] = {typed(inner) for inner, _, _ in variants(text)}
    return known


# The program as it is run in a cluster, and the two words by which it is told what to do.
RUN = r"deploy/run\.py(?: (?:-n|--release) \S+)*"
WORDS = r"([a-z]+)(?: ([a-z][a-z-]*))?"


def commands(text):
    """Every command of the program in a page, in fences and between backquotes: first word, second word."""
    typed = [part for line in fenced(text) for part in re.findall(rf"(?:(?:^|-- )gongzhi|{RUN}) {WORDS}", line)]
    quoted = re.findall(rf"`(?:gongzhi|{RUN}) {WORDS}", text)
    return typed + quoted


def check_commands(report, pages):
    known = subcommands()
    count, missing = 0, set()
    for page in pages:
        for first, second in commands(page.read_text()):
            count += 1
            # A page may speak of `gongzhi bus` as a whole; what is typed is complete.
            if first in known and (not known[first] or not second or second in known[first]):
                continue
            if {(first, ""), (first, second)} & PROMISED:
                missing.add(f"gongzhi {first} {second}".strip())
            else:
                report.fail(f"{name(page)}: the program has no command `{first} {second}`")
    for command in sorted(missing):
        report.skip(f"`{command}`: it is not in this program yet")
    report.done("commands in pages", count)


# kubectl, the kind, and what of it is chosen: plain, or between quotes where the selector has spaces.
CHOSEN = re.compile(r"kubectl -n gongzhi [a-z ]*?(deployment|pods?)\b[^`|\n]*? -l (?:'([^']+)'|(\S+))")


def requirements(selector):
    """What a selector asks of labels, each as a label and the values that it may have."""
    for part in re.split(r",(?![^(]*\))", selector):
        label, _, values = re.match(r"([^\s=]+)(\s+in\s*\(|=)([^)]*)", part).groups()
        yield label, [value.strip() for value in values.split(",")]


def check_selectors(report, pages):
    """Whatever pages choose by labels is there in what the chart makes: kubectl takes it for no mistake when nothing is."""
    yaml = yaml_of(report)
    if yaml is None:
        return
    made = [document for path in sorted((CHART / "rendered/city").glob("*.yaml")) for document in yaml.safe_load_all(path.read_text()) if document and document["kind"] == "Deployment"]
    labels = {"deployment": [document["metadata"]["labels"] for document in made], "pod": [document["spec"]["template"]["metadata"]["labels"] for document in made]}
    count = 0
    for page in pages:
        for kind, quoted, plain in CHOSEN.findall(page.read_text()):
            count += 1
            for values in labels[kind.rstrip("s")]:
                if all(values.get(label) in wanted for label, wanted in requirements(quoted or plain.rstrip("`"))):
                    break
            else:
                report.fail(f"{name(page)}: no {kind} of the chart has the labels {quoted or plain}")
    report.done("selectors in pages", count)


def check_form(report):
    for page in RUNBOOKS:
        text = page.read_text()
        title = text.splitlines()[0]
        if not (title.startswith("# ") and CHINESE.search(title) and " · " in title):
            report.fail(f"{name(page)}: its title is not Chinese with English beside")
        if re.findall(r"^## (.+)$", text, flags=re.M) != SECTIONS:
            report.fail(f"{name(page)}: its sections are not {', '.join(SECTIONS)}")
            continue
        means = text.split("## What it means\n")[1].split("\n## ")[0].strip()
        if not CHINESE.search(means.splitlines()[0]) or len(means.splitlines()) < 2:
            report.fail(f"{name(page)}: what it means stands in Chinese first, then in English")
        if not fenced(text):
            report.fail(f"{name(page)}: it has nothing to paste")
        if f"runbooks/{page.name}" not in (DEPLOY / "README.md").read_text():
            report.fail(f"{name(page)}: deploy/README.md does not list it")
        for path in re.findall(r"deploy/(?!gongzhi-)[\w./-]+", text):
            if not (ROOT / path.rstrip(".")).exists():
                report.fail(f"{name(page)}: {path} is not there")
    report.done("runbooks", len(RUNBOOKS))


def check(report):
    pages = [page for page in sorted(DEPLOY.rglob("*.md")) if "image" not in page.relative_to(DEPLOY).parts]
    report.done("links", sum(links(report, page) for page in pages))
    check_form(report)
    check_commands(report, pages)
    check_selectors(report, [*pages, ROOT / "helm/README.md"])

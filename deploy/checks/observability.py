"""Dashboards and alerts: they parse, they read what there is and in the right way, and every alert was tried and has a runbook."""

import csv
import functools
import json
import re
import sys
import tempfile
from pathlib import Path

from . import promql
from .report import CHART, DEPLOY, ROOT, find, name, run, yaml_of

HERE = DEPLOY / "observability"
ALERTS = CHART / "files/alerts.yaml"
TESTS = HERE / "alerts_test.yaml"


def table(file):
    with open(HERE / file, newline="") as lines:
        return {row["name"]: row for row in csv.DictReader(lines)}


def check_metrics(report, ours):
    for metric, row in ours.items():
        if not re.fullmatch(r"gongzhi_[a-z_]+", metric) or row["type"] not in ("gauge", "counter", "histogram") or row["read_by"] not in ("process", "shared") or not row["meaning"]:
            report.fail(f"metrics.csv: the line of {metric} is not as its head says")
        if (row["type"] == "counter") != metric.endswith("_total"):
            report.fail(f"metrics.csv: {metric}: a counter ends in _total, and nothing else does")
        if row["read_by"] == "shared" and row["type"] != "gauge":
            report.fail(f"metrics.csv: {metric}: only a gauge can be the same in every process")
    report.done("metrics", len(ours))


@functools.cache
def labels_of_pods():
    """What the chart's PodMonitor takes over from our pods into everything that they measure, as Prometheus writes such names."""
    taken = re.search(r"podTargetLabels: \[(.*)\]", (CHART / "templates/metrics.yaml").read_text())
    return {re.sub(r"[^a-zA-Z0-9_]", "_", label.strip()) for label in taken[1].split(",")}


def check_expression(report, where, expression, ours, foreign):
    known = {**ours, **foreign}
    labels_of_all = set(promql.OF_TARGETS)
    for word, asked in promql.selectors(expression):
        metric = promql.base(word, known)
        if metric is None:
            report.fail(f"{where}: {word} is neither in metrics.csv nor in foreign.csv")
            continue
        labels = set(known[metric]["labels"].split()) | (labels_of_pods() if metric in ours else set())
        labels_of_all |= labels
        if asked - labels - promql.OF_TARGETS:
            report.fail(f"{where}: {metric} has no label {', '.join(sorted(asked - labels - promql.OF_TARGETS))}")
        if ours.get(metric, {}).get("read_by") == "shared" and not promql.taken_once(expression, metric):
            report.fail(f"{where}: {metric} is the same in every process: take it once, by max by (…) (…)")
        if metric in ours and ours[metric]["type"] == "counter" and not re.search(rf"(?:rate|increase)\({word}", promql.without_texts(expression)):
            report.fail(f"{where}: {metric} is a counter: ask for its rate or increase")
    if promql.grouped(expression) - labels_of_all:
        report.fail(f"{where}: grouped by {', '.join(sorted(promql.grouped(expression) - labels_of_all))}, which nothing in it has")


def check_boards(report, ours, foreign):
    """Every dashboard; gives the expressions."""
    code, text = run([sys.executable], HERE / "dashboards.py", "--check")
    if code:
        report.fail("helm/gongzhi/dashboards is stale", text)
    expressions, uids = [], {}
    for path in sorted((CHART / "dashboards").glob("*.json")):
        board = json.loads(path.read_text())
        if board["uid"] in uids or len(board["uid"]) > 40:
            report.fail(f"{name(path)}: its uid {board['uid']} is another's, or longer than Grafana takes")
        uids[board["uid"]] = path
        variables = {variable["name"]: variable["type"] for variable in board["templating"]["list"]}
        covered, ids = {}, set()
        for panel in board["panels"]:
            where = f"{name(path)}: {panel['title']}"
            if panel["id"] in ids:
                report.fail(f"{where}: its number is another panel's")
            ids.add(panel["id"])
            if not (re.search(r"[\u4e00-\u9fff]", panel["title"]) and re.search(r"[A-Za-z]{2}", panel["title"])):
                report.fail(f"{where}: titles are Chinese with English beside")
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
            over = {covered[cell] for cell in cells & covered.keys()}
            if over or place["x"] + place["w"] > 24:
                report.fail(f"{where}: covers {', '.join(sorted(over)) or 'more than the board is wide'}")
            covered.update(dict.fromkeys(cells, panel["title"]))
            for source in [panel["datasource"], *(target["datasource"] for target in panel["targets"])]:
                variable = source["uid"].strip("${}")
                if not source["uid"].startswith("${") or variables.get(variable) != "datasource":
                    report.fail(f"{where}: its datasource is no variable: {source['uid']}")
            for target in panel["targets"]:
                if "expr" in target:
                    expressions.append((where, promql.with_values(target["expr"])))
                    if "$" in expressions[-1][1]:
                        report.fail(f"{where}: a variable that the board does not have", target["expr"])
                    check_expression(report, where, target["expr"], ours, foreign)
    report.done("expressions of dashboards", len(expressions))
    return expressions


def check_parsing(report, promtool, expressions):
    """promtool reads rules only, so each expression is put into one."""
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / "dashboards.yaml"
        rules.write_text(json.dumps({"groups": [{"name": "dashboards", "rules": [{"record": f"board:{nth}", "expr": text} for nth, (_, text) in enumerate(expressions)]}]}))
        code, text = run(promtool, "check", "rules", rules)
    if code:
        report.fail("expressions of dashboards do not parse", text)
    code, text = run(promtool, "check", "rules", ALERTS)
    if code:
        report.fail("alerts do not parse", text)
    code, text = run(promtool, "test", "rules", TESTS)
    if code:
        report.fail("an alert is not said when it should be, or is when it should not", text)


def check_alerts(report, yaml, ours, foreign):
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    tests = TESTS.read_text()
    names = []
    for group in groups:
        for rule in group["rules"]:
            alert, notes = rule["alert"], rule.get("annotations", {})
            names.append(alert)
            check_expression(report, f"alert {alert}", rule["expr"], ours, foreign)
            if rule.get("labels", {}).get("severity") not in ("critical", "warning") or "for" not in rule:
                report.fail(f"alert {alert}: it needs a severity (critical or warning) and a `for`")
            for key in ("summary", "description"):
                if not (re.search(r"[\u4e00-\u9fff]", notes.get(key, "")) and re.search(r"[A-Za-z]{3}", re.sub(r"\{\{.*?\}\}", "", notes.get(key, "")))):
                    report.fail(f"alert {alert}: its {key} is not in Chinese and English")
            page = notes.get("runbook_url", "")
            if not re.fullmatch(r"deploy/runbooks/[a-z-]+\.md(#[a-z-]+)?", page) or not (ROOT / page.split("#")[0]).exists():
                report.fail(f"alert {alert}: there is no runbook {page!r}")
            elif "#" in page and page.split("#")[1] not in anchors(ROOT / page.split("#")[0]):
                report.fail(f"alert {alert}: its runbook has no section {page.split('#')[1]!r}")
            labels_told = set(re.findall(r"\$labels\.(\w+)", " ".join(notes.values())))
            if not labels_told <= promql.grouped(rule["expr"]) | {"namespace", "deployment", "statefulset"}:
                report.fail(f"alert {alert}: it tells labels that its result does not have: {sorted(labels_told)}")
            tried = re.findall(rf'alertname="{alert}",alertstate="firing"\}}\', eval_time: \w+(, exp_samples: \[\{{)?', tests)
            if "" not in tried or not any(tried):
                report.fail(f"alert {alert}: alerts_test.yaml must have it silent before its time and said after it")
    if len(names) != len(set(names)):
        report.fail("two alerts have one name")
    report.done("alerts", len(names))


def anchors(page):
    """Anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading)).strip().lower().replace(" ", "-") for heading in headings}


def check(report):
    ours, foreign = table("metrics.csv"), table("foreign.csv")
    check_metrics(report, ours)
    expressions = check_boards(report, ours, foreign)
    yaml = yaml_of(report)
    if yaml:
        check_alerts(report, yaml, ours, foreign)
    used = {promql.base(word, ours) for _, text in expressions for word, _ in promql.selectors(text)} | set(re.findall(r"gongzhi_[a-z_]+", ALERTS.read_text()))
    used |= {promql.base(word, ours) for word in used if word}
    for metric in ours.keys() - used:
        report.fail(f"metrics.csv: {metric} is on no dashboard and in no alert: who is it for?")
    for metric in foreign:
        if metric != "up" and not any(metric in text for _, text in expressions) and metric not in ALERTS.read_text():
            report.fail(f"foreign.csv: nobody reads {metric}")
    promtool = find("PROMTOOL", "promtool")
    if promtool:
        check_parsing(report, promtool, expressions)
    else:
        report.skip("promtool: whether expressions parse and alerts do what they say (Debian: prometheus)")

"""What an expression of PromQL names: metrics, and the labels that it asks of them. Only as much grammar as that needs; promtool judges the rest."""

import re

KEYWORDS = {"by", "without", "on", "ignoring", "group_left", "group_right", "and", "or", "unless", "bool", "offset", "inf", "nan"}
# Labels that the target gives, whatever is measured.
OF_TARGETS = {"namespace", "pod", "container", "job", "instance", "node", "le", "alertname", "alertstate"}
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count")}


def without_texts(expression):
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', expression)


def selectors(expression):
    """Every metric that is read, with the labels by which it is chosen."""
    found = []
    text = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", without_texts(expression))
    for match in re.finditer(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(\{[^}]*\})?(\s*\()?", re.sub(r"\[[^\]]*\]", "", text)):
        word, braces, call = match.groups()
        if call and not braces or word in KEYWORDS or re.fullmatch(r"\d.*|[smhdwy]", word):
            continue
        found.append((word, set(re.findall(r"([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)", braces or ""))))
    return found


def grouped(expression):
    """Labels by which something is grouped or joined."""
    lists = re.findall(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)", without_texts(expression))
    return {label.strip() for labels in lists for label in labels.split(",") if label.strip()}


def base(word, metrics):
    """The metric that a series belongs to: that of a histogram has three."""
    if word in metrics:
        return word
    for metric, row in metrics.items():
        if any(word == metric + suffix for suffix in SUFFIXES.get(row.get("type"), ())):
            return metric
    return None


def taken_once(expression, metric):
    """True when what every process tells alike is never added up: each mention stands in a `max by (…) (` or `min by (…) (`, at most with a function over time."""
    mentions = list(re.finditer(rf"\b{metric}\b", without_texts(expression)))
    text = without_texts(expression)
    return all(re.search(r"\b(?:max|min) by \([^)]*\) \((?:\w+\()?$", text[: mention.start()]) for mention in mentions)


def with_values(expression):
    """As Grafana sends it: variables have values."""
    return re.sub(r"\$__rate_interval|\$__interval|\$__range", "5m", re.sub(r"\$(namespace|release|service)\b", ".*", expression))

#!/usr/bin/env python3
"""Makes the dashboards of Grafana from a table each: helm/gongzhi/dashboards/*.json. They are made and not drawn, so that they look alike, no panel covers
another, and a difference can be read. --check compares only.

A board is a list of rows, a row a list of panels side by side. Titles are Chinese with English beside.
"""

import json
import sys
from pathlib import Path

OUT = Path(__file__).resolve().parents[2] / "helm/gongzhi/dashboards"
PROMETHEUS = {"type": "prometheus", "uid": "${datasource}"}
TEMPO = {"type": "tempo", "uid": "${traces}"}
# Figures of other programs, and of ours: pods of ours carry the release's name, or that of a copy for one more district.
THERE = 'namespace=~"$namespace"'
OURS = f'{THERE},app_kubernetes_io_instance=~"$release"'
RELEASE = ["namespace", "app_kubernetes_io_instance"]
ACTIVE, NOT_READY = 'state="active"', 'ready="false"'
# Who fetches comes when it likes, and is behind by choice.
DELIVERED_BY_US = 'way!="pull"'
REPORTING = 'service="reporting"'
# Answers that are long by nature: streams, and a pull that waits.
LONG = "Stream|Pull|WatchBoard|ReadEvidence"
# Of gRPC's codes, those that say that something broke; the others are the rules' own answers.
BROKEN = 'code=~"(?i)internal|unavailable|unknown|data_?loss|deadline_?exceeded"'


def panel(title, *series, kind="timeseries", unit="short", tall=8, about="", red=None, stack=False):
    """A panel: series are (expression, legend). `red` is from where on a value is bad."""
    if kind == "timeseries":
        series = [(expression, f"{legend} · {{{{{RELEASE[1]}}}}}" if f"max by ({', '.join(RELEASE)}" in expression else legend) for expression, legend in series]
    steps = [{"color": "green", "value": None}] + ([{"color": "red", "value": red}] if red is not None else [])
    custom = {"fillOpacity": 30 if stack else 8, "stacking": {"mode": "normal" if stack else "none"}, "showPoints": "never"}
    if red is not None:
        custom["thresholdsStyle"] = {"mode": "line"}
    made = {
        "type": kind,
        "title": title,
        "description": about,
        "datasource": PROMETHEUS,
        "fieldConfig": {"defaults": {"unit": unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}}, "overrides": []},
        "targets": [
            {"refId": chr(65 + nth), "datasource": PROMETHEUS, "expr": expression, "legendFormat": legend, **({"instant": True} if kind == "stat" else {})}
            for nth, (expression, legend) in enumerate(series)
        ],
    }
    if kind == "timeseries":
        made["fieldConfig"]["defaults"]["custom"] = custom
        made["options"] = {"legend": {"displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"]}, "tooltip": {"mode": "multi", "sort": "desc"}}
    else:
        made["options"] = {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "graphMode": "none", "textMode": "value_and_name"}
    return made, tall


def traces(title, query, about=""):
    """A table of traces that Tempo finds; a click opens one."""
    target = {"refId": "A", "datasource": TEMPO, "queryType": "traceql", "query": query, "limit": 50, "tableType": "traces"}
    return {"type": "table", "title": title, "description": about, "datasource": TEMPO, "targets": [target]}, 10


def stat(title, expression, legend="", **more):
    return panel(title, (expression, legend), kind="stat", tall=4, **more)


def share(quantile, name, by, where=""):
    """A quantile of a histogram."""
    matchers = ",".join(part for part in (OURS, where) if part)
    return f"histogram_quantile({quantile}, sum by ({', '.join([*by, 'le'])}) (rate({name}_bucket{{{matchers}}}[$__rate_interval])))"


def once(name, by, where="", kind="max"):
    """What every process of a release tells alike, taken once for each release: two districts have two outboxes."""
    matchers = ",".join(part for part in (OURS, where) if part)
    return f"{kind} by ({', '.join([*RELEASE, *by])}) ({name}{{{matchers}}})"


def calls(where, by="method"):
    return f"sum by ({by}) (rate(gongzhi_rpc_duration_seconds_count{{{OURS},{where}}}[$__rate_interval]))"


def in_a_day(where):
    return f'sum(increase(gongzhi_rpc_duration_seconds_count{{{OURS},service="dispatch",code=~"(?i)ok",{where}}}[24h]))'


WHISTLE = 'service="dispatch",method=~".*(SoundWhistle|SignFor|MakeContact|ReportIn|FinishSummons|RefuseSummons|DecideRefusal|AcceptResult|OrderRework|WithdrawWhistle)"'
WHISTLES = [
    [
        stat("24 小时吹哨 · Whistles in a day", in_a_day('method=~".*SoundWhistle"')),
        stat("24 小时报到 · Reported in", in_a_day('method=~".*ReportIn"')),
        stat("24 小时登记案件 · Cases registered", in_a_day('method=~".*RegisterCase"')),
        stat(
            "调用失败占比 · Share of calls that break",
            f"sum(rate(gongzhi_rpc_duration_seconds_count{{{OURS},{BROKEN}}}[10m])) / sum(rate(gongzhi_rpc_duration_seconds_count{{{OURS}}}[10m]))",
            unit="percentunit",
            red=0.02,
        ),
        stat("看板落后 · Boards are behind", f"max({once('gongzhi_inbox_lag_facts', ['service'], REPORTING)})", unit="short", red=1000, about="事实数 · facts"),
    ],
    [
        panel("吹哨各步每秒 · Steps of whistles per second", (calls(WHISTLE), "{{method}}"), unit="reqps"),
        panel(
            "吹哨耗时 · How long sounding takes",
            (share(0.5, "gongzhi_rpc_duration_seconds", [], 'service="dispatch",method=~".*SoundWhistle"'), "50 %"),
            (share(0.95, "gongzhi_rpc_duration_seconds", [], 'service="dispatch",method=~".*SoundWhistle"'), "95 %"),
            (share(0.99, "gongzhi_rpc_duration_seconds", [], 'service="dispatch",method=~".*SoundWhistle"'), "99 %"),
            unit="s",
            red=2,
        ),
    ],
    [
        panel(
            "从事实到生效（99%）· From a fact to its effect (99 %)",
            (share(0.99, "gongzhi_inbox_delay_seconds", ["service"]), "{{service}}"),
            unit="s",
            red=1,
            about="发布、上总线、被处理并提交。Relayed, on the bus, taken up and committed.",
        ),
        panel("各服务耗时（99%）· How long calls take (99 %)", (share(0.99, "gongzhi_rpc_duration_seconds", ["service"], f'method!~".*({LONG})"'), "{{service}}"), unit="s", red=2),
    ],
    [
        panel("各服务调用 · Calls per second", (calls(f'service=~"$service"', "service"), "{{service}}"), unit="reqps", stack=True),
        panel("出故障的调用 · Calls that break", (calls(f'service=~"$service",{BROKEN}', "service, code"), "{{service}} {{code}}"), unit="reqps"),
        panel("规则拒绝的调用 · Calls that rules refuse", (calls('service=~"$service",code=~"(?i)failed_?precondition|permission_?denied|invalid_?argument|not_?found"', "service, code"), "{{service}} {{code}}"), unit="reqps"),
    ],
    [traces("吹哨的全程：门户 → 受理 → 总线 → 看板 · A whistle from the portal to the board", '{ name =~ ".*WhistleService/SoundWhistle" }', "点开一行看每一步用了多久 · a row opens the steps")],
    [traces("出错或慢的调用 · What went wrong or was slow", "{ status = error || duration > 1s }")],
]

BUS = [
    [
        stat("等待发布 · Wait to be relayed", f"sum({once('gongzhi_outbox_depth', ['service'])})", red=10000),
        stat("等得最久 · The oldest waits", f"max({once('gongzhi_outbox_oldest_seconds', ['service'])})", unit="s", red=60),
        stat("已搁置 · Parked", f"sum({once('gongzhi_facts_parked', ['service'])})", red=1),
        stat("总线用量 · Of the stream is used", f"max({once('gongzhi_stream_bytes', ['district'])} / {once('gongzhi_stream_limit_bytes', ['district'])})", unit="percentunit", red=0.8),
        stat("总线事实数 · Facts on the stream", f"sum({once('gongzhi_stream_facts', ['district'])})"),
    ],
    [
        panel("等待发布的事实 · Committed and not relayed", (once("gongzhi_outbox_depth", ["service"]), "{{service}}")),
        panel("等得最久的 · How long the oldest waits", (once("gongzhi_outbox_oldest_seconds", ["service"]), "{{service}}"), unit="s", red=60),
        panel("每秒发布 · Relayed per second", (f"sum by (service) (rate(gongzhi_relay_published_total{{{OURS}}}[$__rate_interval]))", "{{service}}"), unit="cps", stack=True),
    ],
    [
        panel("未处理的事实 · Not taken up yet", (once("gongzhi_inbox_lag_facts", ["service", "source"]), "{{service}}"), red=1000),
        panel("从事实到生效 · From a fact to its effect", (share(0.5, "gongzhi_inbox_delay_seconds", ["service"]), "{{service}} 50 %"), (share(0.99, "gongzhi_inbox_delay_seconds", ["service"]), "{{service}} 99 %"), unit="s", red=1),
        panel("已搁置的事实 · Parked facts", (once("gongzhi_facts_parked", ["service"]), "{{service}}"), red=1),
    ],
    [
        panel("总线占用 · Bytes of the stream", (once("gongzhi_stream_bytes", ["district"]), "{{district}}"), (once("gongzhi_stream_limit_bytes", ["district"]), "{{district}} 上限 limit"), unit="bytes"),
        panel(
            "照此速度多久写满 · Until it is full at this pace",
            (f"({once('gongzhi_stream_limit_bytes', ['district'])} - {once('gongzhi_stream_bytes', ['district'])}) / clamp_min(max by ({', '.join([*RELEASE, 'district'])}) (deriv(gongzhi_stream_bytes{{{OURS}}}[6h])), 1)", "{{district}}"),
            unit="s",
            about="到了保存天数，旧的会先走。What is older than the days it is kept goes first.",
        ),
    ],
    [
        panel("NATS 内存 · Memory of the servers", ("max by (pod) (nats_varz_mem)", "{{pod}}"), unit="bytes"),
        panel("NATS 连接 · Connections to the servers", ("max by (pod) (nats_varz_connections)", "{{pod}}")),
        panel("因太慢被断开 · Closed because they read too slowly", ("max by (pod) (increase(nats_varz_slow_consumers[1h]))", "{{pod}}"), red=1),
    ],
]

CLOCKS = [
    [
        stat("到点未走 · Overdue timers", f"sum({once('gongzhi_timers_due', ['service'])})", red=100),
        stat("最晚的 · The latest", f"max({once('gongzhi_timers_late_seconds', ['service'])})", unit="s", red=120),
        stat("无人承担的工作 · Work that nobody does", f'count(max by (app_kubernetes_io_instance, service, lease) (gongzhi_lease_held{{{OURS},lease=~"relay|deliver|inbox:.*"}}) == 0) or vector(0)', red=1),
        stat("未就绪的部分 · Parts that are not in order", f"count(max by (pod, part) (gongzhi_ready{{{OURS}}}) == 0) or vector(0)", red=1),
    ],
    [
        panel("到点未走的时钟 · Timers that are overdue", (once("gongzhi_timers_due", ["service"]), "{{service}}")),
        panel("晚了多少 · How late they are", (once("gongzhi_timers_late_seconds", ["service"]), "{{service}}"), unit="s", red=120),
    ],
    [
        panel("有人承担的工作 · Work that somebody does", (once("gongzhi_lease_held", ["service", "lease"]), "{{service}} {{lease}}"), about="每项工作同时只有一个进程做，六秒内换手；封存、抽签只在做的时候有人。One process at a time, another within six seconds; seals and lots only while they are made."),
        panel("谁在发布 · Who relays", (f"sum by (service, pod) (rate(gongzhi_relay_published_total{{{OURS}}}[$__rate_interval]))", "{{service}} {{pod}}"), unit="cps"),
    ],
    [panel("就绪 · In order", (f"min by (pod, part) (gongzhi_ready{{{OURS}}})", "{{pod}} {{part}}"))],
]

SHARING = [
    [
        stat("生效的订阅 · Active subscriptions", f"sum({once('gongzhi_subscriptions', ['way', 'state'], ACTIVE)})"),
        stat("最慢的订阅落后 · The slowest is behind", f"max({once('gongzhi_delivery_lag_facts', ['way'], DELIVERED_BY_US)})", red=5000),
        stat("等待重投 · Wait for another try", f"sum({once('gongzhi_deliveries_held', [])})", red=500),
        stat("停止重投 · Tried no more", f"sum({once('gongzhi_deliveries_parked', [])})", red=1),
    ],
    [
        panel("订阅 · Subscriptions", (once("gongzhi_subscriptions", ["way", "state"]), "{{way}} {{state}}"), stack=True),
        panel("落后的事实 · How far behind", (once("gongzhi_delivery_lag_facts", ["way"]), "{{way}}"), red=5000, about="每种方式中最慢的一个。The slowest of each way."),
    ],
    [
        panel("等待与停止重投 · Held and parked", (once("gongzhi_deliveries_held", []), "等待 held"), (once("gongzhi_deliveries_parked", []), "停止 parked")),
        panel("收取与发布 · Receiving and publishing", (calls('service="exchange",method=~".*(Pull|Stream|Acknowledge|Publish)"'), "{{method}}"), unit="reqps"),
        panel("被拒的收发 · Refused", (calls('service="exchange",code!~"(?i)ok"', "method, code"), "{{method}} {{code}}"), unit="reqps"),
    ],
]

RESOURCES = [
    [
        stat("主持的控制器 · Operators that lead", f"sum(gongzhi_operator_leader{{{OURS}}})"),
        stat("未就绪的资源 · Resources that are not ready", f"sum({once('gongzhi_operator_objects', ['kind', 'ready'], NOT_READY)}) or vector(0)", red=1),
        stat("备份距今 · Since the newest backup", f"time() - max(barman_cloud_cloudnative_pg_io_last_available_backup_timestamp{{{THERE}}})", unit="s", red=129600),
        stat("数据库备份实例 · Standbys", f"max(cnpg_pg_replication_streaming_replicas{{{THERE}}})"),
        stat("版本 · Versions", f"count by (version) (gongzhi_build_info{{{OURS}}})", "{{version}}"),
    ],
    [
        panel("控制器的处理 · Looks of the operator", (f"sum by (kind, outcome) (rate(gongzhi_operator_reconciliations_total{{{OURS}}}[$__rate_interval]))", "{{kind}} {{outcome}}"), unit="cps"),
        panel("处理耗时（99%）· How long a look takes (99 %)", (share(0.99, "gongzhi_operator_reconcile_seconds", ["kind"]), "{{kind}}"), unit="s"),
        panel("资源 · Resources", (once("gongzhi_operator_objects", ["kind", "ready"]), "{{kind}} {{ready}}"), stack=True),
    ],
    [
        panel("各服务的连接 · Connections of services", (f'sum by (service) (gongzhi_database_connections{{{OURS},state="used"}})', "{{service}} 在用 used"), (f"sum by (service) (gongzhi_database_connections_limit{{{OURS}}})", "{{service}} 上限 limit")),
        panel("PostgreSQL 连接 · Connections to PostgreSQL", (f"sum by (pod) (cnpg_backends_total{{{THERE}}})", "{{pod}}"), (f'max(cnpg_pg_settings_setting{{{THERE},name="max_connections"}})', "max_connections")),
        panel("备份实例落后 · Standbys are behind", (f"max by (pod) (cnpg_pg_replication_lag{{{THERE}}})", "{{pod}}"), unit="s", red=10),
    ],
    [
        panel("数据库大小 · Size of the database", (f'max by (datname) (cnpg_pg_database_size_bytes{{{THERE},datname="gongzhi"}})', "{{datname}}"), unit="bytes"),
        panel("等待归档的日志段 · WAL that waits for the archive", (f'max by (pod) (cnpg_collector_pg_wal_archive_status{{{THERE},value="ready"}})', "{{pod}}"), red=30),
        panel("磁盘剩余 · Room on volumes", ('min by (persistentvolumeclaim) (kubelet_volume_stats_available_bytes{persistentvolumeclaim=~"gongzhi-.*|data-gongzhi.*|nats-js-.*"}) / min by (persistentvolumeclaim) (kubelet_volume_stats_capacity_bytes{persistentvolumeclaim=~"gongzhi-.*|data-gongzhi.*|nats-js-.*"})', "{{persistentvolumeclaim}}"), unit="percentunit"),
    ],
    [
        panel("处理器 · Processor time", (f'sum by (pod) (rate(container_cpu_usage_seconds_total{{{THERE},container!=""}}[$__rate_interval]))', "{{pod}}"), unit="cores"),
        panel("内存占上限 · Memory of its limit", (f'sum by (pod) (container_memory_working_set_bytes{{{THERE},container!=""}}) / sum by (pod) (kube_pod_container_resource_limits{{{THERE},resource="memory"}})', "{{pod}}"), unit="percentunit", red=0.9),
        panel("重启 · Restarts", (f"sum by (pod) (increase(kube_pod_container_status_restarts_total{{{THERE}}}[1h]))", "{{pod}}"), red=3),
    ],
]

BOARDS = {
    "whistles": ("共治 · 吹哨 Whistles", WHISTLES),
    "bus": ("共治 · 总线 Bus", BUS),
    "clocks": ("共治 · 时钟 Clocks", CLOCKS),
    "sharing": ("共治 · 共享 Sharing", SHARING),
    "resources": ("共治 · 控制器与资源 Operator & resources", RESOURCES),
}


def source(name, label, kind):
    return {"name": name, "label": label, "type": "datasource", "query": kind, "refresh": 1, "hide": 0}


def choice(name, label, query):
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": PROMETHEUS,
        "query": {"query": query, "refId": name},
        "definition": query,
        "refresh": 2,
        "includeAll": True,
        "multi": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
        "sort": 1,
    }


def place(rows):
    """Gives every panel its number and its place: the panels of a row share its width evenly."""
    panels, top = [], 0
    for row in rows:
        wide = 24 // len(row)
        for nth, (made, tall) in enumerate(row):
            # The last takes what division left over.
            width = 24 - wide * (len(row) - 1) if nth == len(row) - 1 else wide
            panels.append({"id": len(panels) + 1, "gridPos": {"x": wide * nth, "y": top, "w": width, "h": tall}, **made})
        top += max(tall for _, tall in row)
    return panels


def board(name, title, rows):
    return {
        "uid": f"gongzhi-{name}",
        "title": title,
        "tags": ["gongzhi"],
        "timezone": "Asia/Shanghai",
        "schemaVersion": 39,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "links": [{"type": "dashboards", "tags": ["gongzhi"], "title": "共治 Gongzhi", "asDropdown": False, "keepTime": True, "includeVars": True}],
        "templating": {
            "list": [
                source("datasource", "指标 Metrics", "prometheus"),
                source("traces", "链路 Traces", "tempo"),
                choice("namespace", "区 District", "label_values(gongzhi_build_info, namespace)"),
                choice("release", "发布 Release", 'label_values(gongzhi_build_info{namespace=~"$namespace"}, app_kubernetes_io_instance)'),
                choice("service", "服务 Service", 'label_values(gongzhi_rpc_duration_seconds_count{namespace=~"$namespace",app_kubernetes_io_instance=~"$release"}, service)'),
            ]
        },
        "panels": place(rows),
    }


def text(name):
    return json.dumps(board(name, *BOARDS[name]), ensure_ascii=False, indent=1) + "\n"


def main():
    made = {OUT / f"{name}.json": text(name) for name in BOARDS}
    if "--check" in sys.argv[1:]:
        stale = [path.name for path, content in made.items() if not path.exists() or path.read_text() != content]
        stale += [path.name for path in OUT.glob("*.json") if path not in made]
        if stale:
            sys.exit(f"not what dashboards.py makes: {', '.join(stale)}; run deploy/observability/dashboards.py")
        return
    OUT.mkdir(parents=True, exist_ok=True)
    for path, content in made.items():
        path.write_text(content)
        print(path.relative_to(OUT.parents[2]))


if __name__ == "__main__":
    main()

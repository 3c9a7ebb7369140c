"""Kinds whose schemas are not part of Kubernetes: what the chart may write of them, closed, with types. It is our reading of their references, not their
own definitions: a key that is not here is wrong here, and a rule that spans keys is checked by nobody but the cluster.

A dict is an object with these keys (`!`: must be there; a type as key: any key), a list an array, a type a value of it, a pattern a text that fits it, a set
one of its members.
"""

import re

DURATION = re.compile(r"([0-9]+(ms|[smhdw]))+")
HOURS = re.compile(r"[1-9][0-9]*h")
DNS_NAME = re.compile(r"[a-z0-9]([-.a-z0-9]*[a-z0-9])?")
TEXTS = {str: str}

ISSUER_REF = {"name!": DNS_NAME, "kind!": str, "group!": DNS_NAME}
USAGES = {"digital signature", "server auth", "client auth", "cert sign", "crl sign"}
PRIVATE_KEY = {"algorithm!": {"ECDSA", "RSA", "Ed25519"}, "size": int, "encoding": {"PKCS1", "PKCS8"}, "rotationPolicy": {"Always", "Never"}}
RULE = {"alert": str, "record": str, "expr!": str, "for": DURATION, "keep_firing_for": DURATION, "labels": TEXTS, "annotations": TEXTS}
ENDPOINT = {"port!": re.compile("operations"), "path!": re.compile("/metrics"), "interval!": DURATION}
PARENT = {"name!": DNS_NAME, "namespace": DNS_NAME, "sectionName": DNS_NAME, "port": int}
BACKEND = {"name!": DNS_NAME, "port!": int}

SPECS = {
    "cert-manager.io/v1/Issuer": {"selfSigned": {}, "ca": {"secretName!": DNS_NAME}},
    "cert-manager.io/v1/Certificate": {
        "secretName!": DNS_NAME,
        "issuerRef!": ISSUER_REF,
        "isCA": bool,
        "commonName": DNS_NAME,
        "dnsNames": [DNS_NAME],
        "usages!": [USAGES],
        "duration!": HOURS,
        "renewBefore": HOURS,
        "privateKey!": PRIVATE_KEY,
    },
    "monitoring.coreos.com/v1/PodMonitor": {"selector!": {"matchLabels!": TEXTS}, "podTargetLabels": [str], "podMetricsEndpoints!": [ENDPOINT]},
    "monitoring.coreos.com/v1/PrometheusRule": {"groups!": [{"name!": str, "interval": DURATION, "rules!": [RULE]}]},
    "gateway.networking.k8s.io/v1/HTTPRoute": {"parentRefs!": [PARENT], "hostnames!": [DNS_NAME], "rules!": [{"backendRefs!": [BACKEND]}]},
    "gateway.networking.k8s.io/v1/GRPCRoute": {
        "parentRefs!": [PARENT],
        "hostnames!": [DNS_NAME],
        "rules!": [{"matches!": [{"method!": {"service!": re.compile(r"gongzhi\.[a-z]+\.v1\.[A-Za-z]+")}}], "backendRefs!": [BACKEND]}],
    },
}


def wrong(document):
    """What does not fit, in words; nothing for a kind that is not here."""
    spec = SPECS[f"{document['apiVersion']}/{document['kind']}"]
    shape = {"apiVersion!": str, "kind!": str, "metadata!": {"name!": DNS_NAME, "namespace!": DNS_NAME, "labels!": TEXTS, "annotations": TEXTS}, "spec!": spec}
    return list(_wrong(document, shape, f"{document['kind']} {document['metadata']['name']}"))


def _wrong(value, shape, where):
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            yield f"{where} is no object"
            return
        keys = {key.removesuffix("!"): inner for key, inner in shape.items() if isinstance(key, str)}
        for key, inner in value.items():
            if key not in keys and str not in shape:
                yield f"{where}.{key} is not known"
            else:
                yield from _wrong(inner, keys.get(key, shape.get(str)), f"{where}.{key}")
        for key in shape:
            if isinstance(key, str) and key.endswith("!") and key.removesuffix("!") not in value:
                yield f"{where}.{key.removesuffix('!')} is missing"
    elif isinstance(shape, list):
        if not isinstance(value, list) or not value:
            yield f"{where} is no list, or an empty one"
            return
        for nth, inner in enumerate(value):
            yield from _wrong(inner, shape[0], f"{where}[{nth}]")
    elif isinstance(shape, set):
        if value not in shape:
            yield f"{where}: {value!r} is none of {sorted(shape)}"
    elif isinstance(shape, re.Pattern):
        if not isinstance(value, str) or not shape.fullmatch(value):
            yield f"{where}: {value!r} does not fit {shape.pattern}"
    elif not isinstance(value, shape) or (shape is int and isinstance(value, bool)):
        yield f"{where}: {value!r} is no {shape.__name__}"

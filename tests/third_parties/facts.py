"""Reads envelopes with the Python SDK of CloudEvents. In: a list of envelopes as text. Out: for each the attributes and data it found."""

import json
import sys
from datetime import datetime, timezone

from cloudevents.core.bindings.http import HTTPMessage, from_http
from cloudevents.core.formats.json import JSONFormat


def plain(value):
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return value


found = []
for text in json.load(sys.stdin):
    # As it comes in the body of a webhook.
    message = HTTPMessage({"content-type": "application/cloudevents+json"}, text.encode())
    event = from_http(message, JSONFormat())
    attributes = {name: plain(value) for name, value in event.get_attributes().items()}
    found.append({"attributes": attributes, "data": event.get_data()})
json.dump(found, sys.stdout)

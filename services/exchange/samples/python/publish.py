"""Publishes a file with a JSON array of up to 100 CloudEvents and tells what became of each. Sending them again changes nothing."""

import json
import os
import sys
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen


def post(path, body, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return urlopen(Request(os.environ["GONGZHI_PORTAL"] + path, json.dumps(body).encode(), headers), timeout=30)


def publish(events):
    """The results in the order of the events. Where no answer came, the same is sent again until one does."""
    account = {"account": os.environ["GONGZHI_ACCOUNT"], "password": os.environ["GONGZHI_PASSWORD"]}
    while True:
        rest = 5
        try:
            with post("/session", account, content_type="application/json") as signed_in:
                token = signed_in.headers["set-cookie"].split(";")[0].removeprefix("gongzhi_session=")
            bearer = f"Bearer {token}"
            with post("/events", events, content_type="application/cloudevents-batch+json", authorization=bearer) as answer:
                return json.load(answer)["results"]
        except HTTPError as error:
            if error.code not in (429, 502, 503, 504):
                said = json.load(error)
                return said.get("results") or sys.exit(f"{error.code}: {said['message']} {said.get('faults', '')}")
            rest = int(error.headers.get("retry-after", rest))
        except OSError as error:
            print(error, file=sys.stderr)
        time.sleep(rest)


with open(sys.argv[1], encoding="utf-8") as file:
    events = json.load(file)
results = publish(events)
for event, result in zip(events, results):
    print(event["id"], result["outcome"], result.get("eventId") or json.dumps(result["faults"], ensure_ascii=False))
sys.exit(any(result["outcome"] == "refused" for result in results))

"""Publishes a file with a JSON array of up to 100 CloudEvents over NATS and tells what became of each. Sending them again changes nothing."""

import asyncio
import json
import os
import sys

import nats
from nats.errors import NoRespondersError, TimeoutError

told = {name: os.environ[f"NATS_PUBLISH_{name}"] for name in ("CREDENTIALS", "SUBJECT", "INBOX_PREFIX")}


async def note(error):
    print(repr(error), file=sys.stderr, flush=True)
    if "authorization" in str(error).lower():
        print("the credentials are void: were they replaced or taken back?", file=sys.stderr, flush=True)
        os._exit(1)  # At once, which loses nothing: what was taken is known to the exchange.


async def publish(events):
    """The results in the order of the events. Where no answer came, the same is sent again until one does."""
    client = await nats.connect(
        os.environ["NATS_URL"], user_credentials=told["CREDENTIALS"], inbox_prefix=told["INBOX_PREFIX"], error_cb=note, max_reconnect_attempts=-1
    )
    while True:
        rest = 5
        try:
            answer = json.loads((await client.request(told["SUBJECT"], json.dumps(events).encode(), timeout=15)).data)
            if "results" in answer:
                return answer["results"]
            if "retryAfter" not in answer:
                sys.exit(f"{answer['reason']}: {answer['message']} {answer['faults']}")
            rest = answer["retryAfter"]
        except (NoRespondersError, TimeoutError) as error:
            print(repr(error), file=sys.stderr, flush=True)
        await asyncio.sleep(rest)


with open(sys.argv[1], encoding="utf-8") as file:
    events = json.load(file)
results = asyncio.run(publish(events))
for event, result in zip(events, results):
    print(event["id"], result["outcome"], result.get("eventId") or json.dumps(result["faults"], ensure_ascii=False))
sys.exit(any(result["outcome"] == "refused" for result in results))

"""Receives facts over NATS with nats-py. What is acknowledged is gone from the queue; what is not comes again after 30 seconds."""

import asyncio
import json
import os
import sys

import nats
from nats.errors import ConnectionClosedError, TimeoutError
from nats.js.errors import ServiceUnavailableError

from inbox import take

told = {name: os.environ[f"NATS_{name}"] for name in ("URL", "CREDENTIALS", "STREAM", "DURABLE", "INBOX_PREFIX")}
VOID = "the credentials are void: were they replaced, or did the subscription end?"


async def note(error):
    print(repr(error), file=sys.stderr, flush=True)
    if "authorization" in str(error).lower():
        print(VOID, file=sys.stderr, flush=True)
        os._exit(1)  # At once, which loses nothing: what was not acknowledged comes again.


async def receive():
    client = await nats.connect(
        told["URL"], user_credentials=told["CREDENTIALS"], inbox_prefix=told["INBOX_PREFIX"], max_reconnect_attempts=-1, error_cb=note
    )
    # Without the domain the server answers that this account has no JetStream: it reaches its one consumer and nothing else.
    queue = await client.jetstream(domain="gongzhi").pull_subscribe_bind(told["DURABLE"], told["STREAM"])
    while True:
        try:
            # One at a time, as one is in hand: asking for more would wait for what cannot come before this one is acknowledged.
            for message in await queue.fetch(batch=1, timeout=10):
                take(json.loads(message.data), "nats.db")
                await message.ack()
        except TimeoutError:
            pass  # Nothing came, or the connection is being made again.
        except ServiceUnavailableError:
            await asyncio.sleep(1)  # The server is back before its queues are.
        except ConnectionClosedError:
            sys.exit(VOID)


asyncio.run(receive())

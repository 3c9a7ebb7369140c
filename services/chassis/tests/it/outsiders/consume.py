# Consumes from the one consumer of the credentials with the public Python client and acknowledges in each way that it has.
import asyncio
import sys

import nats


async def main(url, credentials, stream, account, domain, count):
    client = await nats.connect(
        url, user_credentials=credentials, inbox_prefix=f"_INBOX_{account}".encode(), connect_timeout=5
    )
    subscription = await client.jetstream(domain=domain).pull_subscribe_bind(account, stream=stream)
    got = []
    while len(got) < count:
        for message in await subscription.fetch(4, timeout=5):
            got.append(message.data.decode())
            await (message.ack_sync(timeout=5) if len(got) % 2 else message.ack())
    info = await subscription.consumer_info()
    await client.drain()
    print("\n".join(got))
    print(f"pending {info.num_pending}")


asyncio.run(main(*sys.argv[1:6], int(sys.argv[6])))

"""Receives facts over a gRPC stream. What was taken is acknowledged; the next stream goes on behind it, after a restart too."""

import json
import os
import sys
import time
from urllib.parse import urlsplit

import grpc
from gongzhi.exchange.v1 import exchange_pb2 as exchange, exchange_pb2_grpc as exchange_rpc
from gongzhi.organization.v1 import organization_pb2 as organization, organization_pb2_grpc as organization_rpc

from inbox import take

SUBSCRIPTION = os.environ["GONGZHI_SUBSCRIPTION"]
# These pass by themselves. Everything else needs somebody who does something.
PASSING = {grpc.StatusCode[name] for name in "UNAVAILABLE UNKNOWN CANCELLED DEADLINE_EXCEEDED ABORTED INTERNAL".split()}


def connect(server):
    options = [("grpc.keepalive_time_ms", 30_000)]  # So that a line that went dead is noticed.
    if server.scheme == "https":
        return grpc.secure_channel(server.netloc, grpc.ssl_channel_credentials(), options)
    return grpc.insecure_channel(server.netloc, options)


def receive(channel):
    account = organization.SignInRequest(account=os.environ["GONGZHI_ACCOUNT"], password=os.environ["GONGZHI_PASSWORD"])
    token = organization_rpc.IdentityServiceStub(channel).SignIn(account, timeout=10).token
    caller = [("authorization", f"Bearer {token}")]
    delivery = exchange_rpc.DeliveryServiceStub(channel)
    # A token lasts eight hours; before that the stream is opened again with a new one.
    for message in delivery.Stream(exchange.StreamRequest(subscription_id=SUBSCRIPTION), timeout=7 * 3600, metadata=caller):
        if message.HasField("delivery"):
            take(json.loads(message.delivery.event), "grpc.db")
        position = exchange.AcknowledgeRequest(subscription_id=SUBSCRIPTION, position=message.position)
        delivery.Acknowledge(position, timeout=10, metadata=caller)


channel = connect(urlsplit(os.environ["GONGZHI_SERVER"]))
while True:
    try:
        receive(channel)
    except grpc.RpcError as error:
        if error.code() not in PASSING:
            sys.exit(f"{error.code().name}: {error.details()}")
        print(f"{error.code().name}: {error.details()}", file=sys.stderr, flush=True)
    time.sleep(1)

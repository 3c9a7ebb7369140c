#!/usr/bin/env python3
"""Asks a server once whether it is well, as the kubelet does; ends with 0 where it is. Run it in the network of a container with nsenter.

    probe.py http HOST:PORT PATH
    probe.py grpc HOST:PORT [SERVICE]

gRPC is spoken without any library: one call of grpc.health.v1.Health/Check over HTTP/2 without TLS. Of the answer only the message is read; who sends none
(a service that is not known, a server that refuses) is not well.
"""

import http.client
import socket
import struct
import sys

SECONDS = 3
DATA, HEADERS, RESET, SETTINGS, GOAWAY = 0, 1, 3, 4, 7
END_STREAM, END_HEADERS, ACK = 1, 4, 1
STATES = {0: "UNKNOWN", 1: "SERVING", 2: "NOT_SERVING", 3: "SERVICE_UNKNOWN"}


def ask_http(address, path):
    """Status and body."""
    connection = http.client.HTTPConnection(address, timeout=SECONDS)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode(errors="replace")


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def header(name, value):
    """A field as a literal that nobody is to remember (RFC 7541, 6.2.2); every text here is shorter than 127."""
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def ask_grpc(address, service=""):
    """The state of a service; none where the server sends no message."""
    fields = {":method": "POST", ":scheme": "http", ":path": "/grpc.health.v1.Health/Check", ":authority": address, "te": "trailers", "content-type": "application/grpc"}
    name = service.encode()
    message = b"\x0a" + bytes([len(name)]) + name if name else b""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=SECONDS) as connection:
        connection.sendall(
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
            + frame(SETTINGS, 0, 0)
            + frame(HEADERS, END_HEADERS, 1, b"".join(header(*field) for field in fields.items()))
            + frame(DATA, END_STREAM, 1, b"\0" + struct.pack(">I", len(message)) + message)
        )
        stream, body = connection.makefile("rb"), b""
        while len(head := stream.read(9)) == 9:
            length, kind, flags, number = int.from_bytes(head[:3], "big"), head[3], head[4], int.from_bytes(head[5:], "big")
            payload = stream.read(length)
            if kind == SETTINGS and not flags & ACK:
                connection.sendall(frame(SETTINGS, ACK, 0))
            if kind == DATA and number == 1:
                body += payload
            if kind in (RESET, GOAWAY) or (number == 1 and kind in (DATA, HEADERS) and flags & END_STREAM):
                break
    if len(body) < 5:
        return None
    # The only field is the state, a small number that is left out where it is nought.
    return STATES.get(body[6] if len(body) == 7 and body[5] == 8 else 0)


def main(kind, address, what=""):
    try:
        if kind == "http":
            status, body = ask_http(address, what)
            print(body)
            return 0 if status == 200 else f"{address}{what} answers {status}"
        state = ask_grpc(address, what)
        print(state or "no answer")
        return 0 if state == "SERVING" else 1
    except OSError as error:
        return f"{address} cannot be asked: {error}"


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in ("http", "grpc"):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))

"""Addresses and TF_CONFIG of workers on this machine."""

import json
import socket

import pytest


def free_ports(count):
    try:
        taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    except OSError as error:
        pytest.skip(f"no port can be opened on the loopback interface: {error}")
    ports = [server.getsockname()[1] for server in taken]
    for server in taken:
        server.close()
    return ports


def loopback(count):
    return tuple(f"127.0.0.1:{port}" for port in free_ports(count))


def config_of(workers, index):
    return json.dumps({"cluster": {"worker": list(workers)}, "task": {"type": "worker", "index": index}})

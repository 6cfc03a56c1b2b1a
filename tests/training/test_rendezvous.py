import socket
import threading
import time

import pytest

from mobilenet_tf.errors import InputError
from mobilenet_tf.training.rendezvous import Cluster, parse_cluster, wait_for_workers
from tests.support.commands import PATIENCE_S
from tests.support.workers import config_of, loopback


def send_to(address, data):
    """Send `data`, as soon as somebody listens there."""
    host, port = address.split(":")
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            with socket.create_connection((host, int(port))) as connection:
                return connection.sendall(data)
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_three_workers_find_each_other_whatever_else_connects():
    workers, sentences, links = loopback(3), [], {}

    def wait(index):
        links[index] = wait_for_workers(Cluster(workers, index), sentences.append, PATIENCE_S)

    first, *others = (threading.Thread(target=wait, args=(index,)) for index in range(3))
    first.start()
    for data in (b"", b"GET / HTTP/1.1\r\n\r\n", b"mobilenet-train 3 of 3\n", b"\xff" * 200):
        send_to(workers[0], data)
    for other in others:
        other.start()
    for thread in (first, *others):
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
    assert len(sentences) == 3
    assert {index: len(found) for index, found in links.items()} == {0: 2, 1: 1, 2: 1}
    for number, link in enumerate(links[0]):
        link.sendall(bytes([number]))
    assert {links[index][0].recv(2) for index in (1, 2)} == {b"\0", b"\1"}
    for link in (link for found in links.values() for link in found):
        link.close()


def test_one_worker_waits_for_nobody():
    sentences = []
    wait_for_workers(Cluster(loopback(1), 0), sentences.append, 0.0)
    assert sentences == []


def test_a_port_in_use_is_an_input_error():
    with socket.create_server(("", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(InputError, match=f"cannot listen on port {port}"):
            wait_for_workers(Cluster((f"127.0.0.1:{port}", "127.0.0.1:1"), 0), lambda _: None, 1.0)


def test_the_cluster_of_a_tf_config():
    assert parse_cluster(config_of(["a:1", "b:2", "c:3"], 1)) == Cluster(("a:1", "b:2", "c:3"), 1)
    assert Cluster(("a:1", "b:2", "c:3"), 1).others == ("a:1", "c:3")
    hosts = ("node-1.example.org:2222", "192.168.0.7:2222", "[::1]:2222", "under_score:1", "bücher.example:65535")
    assert parse_cluster(config_of(hosts, 4)) == Cluster(hosts, 4)


MALFORMED = {
    "no JSON": "a:1,b:2",
    "no object": "[1]",
    "no task": '{"cluster": {"worker": ["a:1"]}}',
    "no cluster": '{"task": {"type": "worker", "index": 0}}',
    "no workers": config_of([], 0),
    "no such index": config_of(["a:1", "b:2"], 2),
    "a negative index": config_of(["a:1", "b:2"], -1),
    "an index in quotes": config_of(["a:1", "b:2"], "0"),
    "no port": config_of(["a", "b:2"], 0),
    "no host": config_of([":1", "b:2"], 0),
    "a port too large": config_of(["a:70000", "b:2"], 0),
    "an index of a fraction": config_of(["a:1", "b:2"], 0.0),
    "an index of true": config_of(["a:1", "b:2"], True),
    "100,000 levels": "[" * 100_000,
    "a number of 5000 digits": config_of(["a:1", "b:2"], 0).replace("0}", "9" * 5000 + "}"),
    "a host of 300 letters": config_of(["a" * 300 + ":1", "b:2"], 0),
    "a label of 64 letters": config_of(["a" * 64 + ".b:1", "b:2"], 0),
    "a host that IDNA has not": config_of(["a..b:1", "b:2"], 0),
    "half a surrogate pair": config_of(["\ud800:1", "b:2"], 0),
    "NUL in a host": config_of(["a\0b:1", "b:2"], 0),
    "a host with escape codes": config_of(["\x1b[31m:1", "b:2"], 0),
    "a host with a space": config_of(["a b:1", "b:2"], 0),
    "a port of Arabic digits": config_of(["a:٣", "b:2"], 0),
    "a port of 5000 digits": config_of([f"a:{'1' * 5000}", "b:2"], 0),
    "one worker twice": config_of(["a:1", "a:1"], 0),
    "workers that are no text": config_of([1, 2], 0),
    "another role": '{"cluster": {"worker": ["a:1"]}, "task": {"type": "ps", "index": 0}}',
    "other roles beside": '{"cluster": {"worker": ["a:1"], "ps": ["b:2"]}, "task": {"type": "worker", "index": 0}}',
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_tf_config_is_an_input_error(text):
    with pytest.raises(InputError, match="expected TF_CONFIG to name the workers"):
        parse_cluster(text)

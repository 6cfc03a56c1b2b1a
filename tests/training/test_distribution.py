"""More than one device: real processes on the loopback interface, and two logical devices in one process."""

import contextlib
import json
import signal
import sys
import time
import zipfile

import numpy as np
import pytest
from click.testing import CliRunner

from mobilenet_tf.errors import InputError
from mobilenet_tf.training.distribution import (
    any_worker,
    broadcast_text,
    check_batch,
    check_same_settings,
    join_cluster,
)
from mobilenet_tf.training.rendezvous import Cluster, wait_for_workers
from mobilenet_tf.weights.load import load_weights
from tests.support.commands import PATIENCE_S, images_in, run_process, running_process
from tests.support.workers import config_of, loopback

RUN = "mobilenet_v1_a0.25_r32_photos"
SMALL = ("photos", "--alpha", "0.25", "--res", "32", "--epochs", "2", "--freeze", "1", "--batch-size", "4")
CPU = {"CUDA_VISIBLE_DEVICES": "-1"}  # workers that share a GPU would be no workers
ARRAYS = 137  # of a MobileNet V1: the first ones of a state are the weights, the last ones their average

# The command, with timeouts that a test chooses.
LAUNCH = """
from mobilenet_tf.training import cli, distribution
distribution.JOIN_TIMEOUT, distribution.START_TIMEOUT, distribution.HEARTBEAT_TIMEOUT = {join}, {start}, {heartbeat}
cli.train(prog_name="mobilenet-train")
"""

TWO_DEVICES = """
from dataclasses import replace
from pathlib import Path
import tensorflow as tf
from mobilenet_tf.training.job import prepare_training, run
from mobilenet_tf.training.options import TrainOptions
from mobilenet_tf.training.augmentation import Augmentation
from mobilenet_tf.training.config import TrainConfig
from mobilenet_tf.training.recipes import RECIPES

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
recipe = RECIPES["fine-tuning"]
views = Augmentation(min_crop=recipe.min_crop)
own = dict(recipe="fine-tuning", optimizer=recipe.optimizer, weight_decay=recipe.weight_decay, augmentation=views)
config = TrainConfig(transfer=True, epochs=2, freeze=1, batch_size=4, **own)
job = prepare_training(TrainOptions("photos", config, alpha=0.25, res=32, output_dir=Path("mirrored")))
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
assert strategy.num_replicas_in_sync == 2
run(replace(job, cluster=strategy))
"""

# What workers send each other, without a training. The second one dies in the end.
TALK = """
import json, os, sys
import numpy as np
from mobilenet_tf.training import distribution
from mobilenet_tf.errors import CheckError, InputError

distribution.HEARTBEAT_TIMEOUT = 5
index = json.loads(os.environ["TF_CONFIG"])["task"]["index"]
strategy = distribution.join_cluster()
import tensorflow as tf

received = [distribution.is_chief(strategy), distribution.broadcast_text(strategy, "state\u00e9" * (1 - index))]
received += [distribution.any_worker(strategy, index == 1), distribution.any_worker(strategy, False)]
variables = [tf.Variable(np.float32([[0.1, -3e38], [1e-45, 7]]) * (1 - index)), tf.Variable(np.int64(5 * (1 - index)))]
distribution.broadcast(strategy, variables)
received += [variable.numpy().tolist() for variable in variables]
try:
    distribution.check_same_settings(strategy, {"batch_size": 8 + index, "seed": 1, "sizes": (1, 2)})
except InputError as error:
    received.append(str(error))
distribution.check_same_settings(strategy, {"seed": 1, "sizes": (1, 2)})
print(json.dumps(received), flush=True)
if index:
    os.kill(os.getpid(), 9)
try:
    with distribution.detect_lost_workers(strategy):
        distribution.any_worker(strategy, False)
except CheckError as error:
    print(json.dumps(str(error)))
"""


def start(workers, index, script, *arguments, cwd=None):
    """A worker as a process of its own; a context."""
    environment = CPU | {"TF_CONFIG": config_of(workers, index)}
    return running_process(sys.executable, "-c", script, *arguments, env=environment, cwd=cwd)


@contextlib.contextmanager
def running_pair(folder, *arguments):
    """Two workers; each has its own output folder, as on two machines."""
    workers, script = loopback(2), LAUNCH.format(join=PATIENCE_S, start=120, heartbeat=15)
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(
                start(workers, index, script, *SMALL, "--output-dir", f"worker{index}", *arguments, cwd=folder)
            )
            for index in range(2)
        ]


def ended(process):
    """(exit status, standard output, standard error) of a process that ends by itself."""
    stdout, stderr = process.communicate(timeout=PATIENCE_S)
    return process.returncode, stdout, stderr


def weights_of(run):
    """(the weights, their moving average) that a run ended with."""
    with np.load(run / "state.npz") as state:
        assert json.loads(str(state["progress"]))["epoch"] == 2
        arrays = [state[name] for name in sorted(state.files) if name.startswith("v0")]
    return arrays[:ARRAYS], arrays[-ARRAYS:]


def assert_same_weights(run, other):
    for ours, theirs in zip(weights_of(run), weights_of(other), strict=True):
        for array, expected in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(array, expected, rtol=0, atol=1e-4)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A folder with photos/ of two classes."""
    root = tmp_path_factory.mktemp("distributed")
    for seed, name in enumerate(("cat", "dog")):
        images_in(root / "photos" / name, 12, seed=seed)
    return root


@pytest.fixture(scope="module")
def alone(root):
    """The run of one worker."""
    done = run_process("mobilenet-train", *SMALL, "--output-dir", "alone", cwd=root, env=CPU)
    assert done.returncode == 0, done.stderr
    return root / "alone" / RUN


@pytest.fixture(scope="module")
def killed(root):
    """Two workers, the second of which is killed after the first epoch: how the first one ended, and after how long."""
    state = root / "worker0" / RUN / "state.npz"
    with running_pair(root) as (first, second):
        while not state.exists() and first.poll() is None:
            time.sleep(0.02)
        second.kill()
        begun = time.monotonic()
        return *ended(first), time.monotonic() - begun


@pytest.fixture(scope="module")
def resumed(root, killed):
    """The same two workers, started again."""
    assert killed[0] == 1
    with running_pair(root, "--resume") as pair:
        return [ended(worker) for worker in pair]


@pytest.mark.slow
def test_a_killed_worker_ends_the_other_with_what_to_do(killed):
    status, _, stderr, seconds = killed
    assert status == 1, stderr
    assert "a worker is lost" in stderr
    assert "start all workers again with --resume" in stderr
    assert "Traceback" not in stderr
    assert seconds < PATIENCE_S / 2  # TensorFlow alone would wait for ever


@pytest.mark.slow
def test_two_workers_resume_and_end_with_the_weights_of_one(root, alone, resumed):
    for status, _, stderr in resumed:
        assert status == 0, stderr
    run = root / "worker0" / RUN
    assert_same_weights(run, alone)
    kernels = load_weights("imagenet", alpha=0.25, res=32).arrays[:-2:5]
    moved = max(np.abs(now - before).max() for now, before in zip(weights_of(run)[0][:-2:5], kernels, strict=True))
    assert moved > 1e-3


@pytest.mark.slow
def test_only_the_first_worker_writes(root, resumed):
    first, second = (stdout for _, stdout, _ in resumed)
    assert f"Written: worker0/{RUN}/" in first
    assert "The first worker has the model." in second
    assert "worker1" not in second
    assert not (root / "worker1").exists()
    names = {path.name for path in (root / "worker0" / RUN).iterdir()}
    assert {"best.keras", "last.keras", "state.npz", "labels.txt", "run.json", "history.csv"} <= names
    with zipfile.ZipFile(root / "worker0" / RUN / "best.keras") as archive:
        assert b"Sync" not in archive.read("config.json")


@pytest.mark.slow
def test_two_devices_of_one_machine_end_with_the_weights_of_one(root, alone):
    done = run_process(sys.executable, "-c", TWO_DEVICES, cwd=root, env=CPU)
    assert done.returncode == 0, done.stderr
    assert_same_weights(root / "mirrored" / RUN, alone)


@pytest.mark.slow
def test_what_workers_send_each_other():
    workers = loopback(2)
    with start(workers, 0, TALK) as first, start(workers, 1, TALK) as second:
        (status, stdout, stderr), (died, second_stdout, _) = ended(first), ended(second)
    assert (status, died) == (0, -signal.SIGKILL), stderr
    (chief, *first_received, differ), lost = (json.loads(line) for line in stdout.splitlines())
    other, *second_received, second_differs = json.loads(second_stdout)
    assert (chief, other) == (True, False)
    float32 = np.float32([[0.1, -3e38], [1e-45, 7]]).tolist()
    assert first_received == second_received == ["state\u00e9", True, False, float32, 5]
    assert "another's differ" in differ
    assert "this one's batch_size differ from the first's" in second_differs
    assert f"{workers[1]} has ended or cannot be reached" in lost


@pytest.mark.slow
def test_a_worker_that_is_lost_before_tensorflow_has_started_ends_the_other(root):
    workers = loopback(2)
    with start(
        workers, 0, LAUNCH.format(join=PATIENCE_S, start=3, heartbeat=5), *SMALL, "--output-dir", "lost", cwd=root
    ) as process:
        (link,) = wait_for_workers(Cluster(workers, 1), lambda _: None, timeout=PATIENCE_S)
        with link:
            status, _, stderr = ended(process)
    assert status == 1
    assert f"{workers[1]} has ended or cannot be reached" in stderr
    assert not (root / "lost").exists()


@pytest.mark.parametrize("index", [0, 1])
def test_a_worker_that_does_not_start_is_named(root, index):
    workers = loopback(2)
    begun = time.monotonic()
    with start(workers, index, LAUNCH.format(join=1.5, start=3, heartbeat=5), *SMALL, cwd=root) as process:
        status, stdout, stderr = ended(process)
    assert (status, stdout) == (1, "")
    note, error, hint = stderr.splitlines()
    assert note == f"Note: waiting up to 0 minutes for the other workers: {workers[1 - index]}."
    assert error == f"Error: expected all workers of TF_CONFIG to start; heard nothing from {workers[1 - index]}."
    assert hint.startswith("Start mobilenet-train on every machine")
    assert time.monotonic() - begun < PATIENCE_S / 2


def test_ctrl_c_ends_the_waiting(root):
    with start(loopback(2), 0, LAUNCH.format(join=PATIENCE_S, start=3, heartbeat=5), *SMALL, cwd=root) as process:
        assert "waiting" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert ended(process)[0] == 130


def test_a_malformed_tf_config_ends_the_command(monkeypatch, root):
    from mobilenet_tf.training.cli import train

    monkeypatch.setenv("TF_CONFIG", '{"cluster": {}}')
    result = CliRunner().invoke(train, [str(root / "photos")])
    assert result.exit_code == 2
    assert "expected TF_CONFIG" in result.stderr
    assert "Traceback" not in result.output


class Strategy:
    """The part of a tf.distribute strategy of one machine that is used here."""

    cluster_resolver = None

    def __init__(self, replicas):
        self.num_replicas_in_sync = replicas


def test_a_batch_that_cannot_be_shared_out_is_an_input_error():
    check_batch(Strategy(1), 7)
    check_batch(Strategy(4), 32)
    with pytest.raises(InputError, match="2 devices can share equally; got 7 photos") as error:
        check_batch(Strategy(2), 7)
    assert "--batch-size 6 or 8" in str(error.value)
    with pytest.raises(InputError, match="--batch-size 4"):
        check_batch(Strategy(4), 3)


def test_one_worker_needs_no_other(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert join_cluster() is None
    alone = Strategy(2)
    assert any_worker(alone, True)
    assert not any_worker(alone, False)
    assert broadcast_text(alone, "text") == "text"
    check_same_settings(alone, {"seed": 1})

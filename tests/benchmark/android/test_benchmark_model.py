"""What benchmark_model prints, from runs on real devices (outputs/SOURCES.md)."""

from pathlib import Path

import pytest

from mobilenet_tf.benchmark.android.benchmark_model import Statistics, command, delegated_share, parse
from mobilenet_tf.benchmark.android.device_run import RunSettings
from mobilenet_tf.errors import DeviceError
from mobilenet_tf.results.records import OpTime
from tests.support.commands import ROOT

DATA = ROOT / "tests" / "benchmark" / "android" / "outputs"


def saved(name):
    return (DATA / f"benchmark_model_{name}.txt").read_text()


def test_times_are_in_ms():
    report = parse(saved("cpu_median"))
    assert report.inference == Statistics(runs=50, mean=105.784, std=0.26, min=105.416, max=106.528, median=105.718)
    assert report.warmup.runs == 5
    assert report.load_ms == 87.639
    assert report.ops == []
    assert report.peak_memory_bytes is None


def test_a_single_run_and_times_in_scientific_notation():
    report = parse(saved("no_xnnpack"))
    assert report.warmup == Statistics(1, mean=1357.602, std=0, min=1357.602, max=1357.602, median=1357.602)
    assert report.inference.mean == 1240.27


def test_an_older_build_prints_no_median():
    report = parse(saved("profile"))
    assert report.inference.median is None
    assert report.inference.mean == 2950.34
    assert report.warmup.mean == report.warmup.median == 3512.391


def test_ops_are_those_of_the_measured_runs():
    ops = parse(saved("profile")).ops
    assert len(ops) == 31
    assert ops[0] == OpTime("MobilenetV1/MobilenetV1/Conv2d_0/Relu6", "CONV_2D", 60.957)
    assert ops[30] == OpTime("MobilenetV1/Predictions/Reshape_1", "SOFTMAX", 0.233)
    assert sum(op.ms for op in ops) == pytest.approx(2949.9, abs=0.5)  # what the tool gives as their sum


def test_ops_of_litert_leave_out_what_no_run_called():
    report = parse(saved("litert_profile"))
    assert [(op.type, op.ms) for op in report.ops] == [
        ("LiteRT::Run[buffer registration]", 0.014),
        ("Static Reshape (NC)", 0.003),
        ("Fully Connected (NC, PF32) GEMM", 0.382),
        ("LiteRT::Run[Buffer sync]", 0.012),
    ]
    assert report.load_ms == 4.478
    assert (report.inference.runs, report.inference.median) == (2112, 0.462)


def test_peak_memory_of_both_tools():
    tensorflow = "\nINFO: Overall peak memory footprint (MB) via periodic monitoring: 93.2383\n"
    assert parse(saved("cpu_median") + tensorflow).peak_memory_bytes == round(93.2383 * 2**20)
    litert = "INFO: [./litert/tools/benchmark_litert_model.h:123] Peak memory:          35.20 MB\n"
    assert parse(saved("cpu_median") + litert).peak_memory_bytes == round(35.2 * 2**20)


@pytest.mark.parametrize(
    ("name", "delegate", "expected"),
    [
        ("android_cpu", "XNNPACK", "whole"),
        ("litert_profile", "XNNPACK", "whole"),
        ("xnnpack_part", "XNNPACK", "part"),
        ("no_xnnpack", "XNNPACK", "none"),
        ("cpu_median", "XNNPACK", "unknown"),
        ("gpu", "GPU", "whole"),
        ("android_gpu_nnapi", "GPU", "whole"),
        ("android_gpu_nnapi", "NNAPI", "none"),
        ("android_gpu_nnapi", "XNNPACK", "unknown"),
        ("cpu_median", "GPU", "none"),
        ("android_cpu", "GPU", "unknown"),
    ],
)
def test_how_much_of_the_graph_a_delegate_took(name, delegate, expected):
    assert delegated_share(saved(name), delegate) == expected


def test_nodes_left_over_are_a_part():
    log = saved("android_cpu").replace("Replacing 49 out of 49", "Replacing 48 out of 49")
    assert delegated_share(log, "XNNPACK") == "part"


@pytest.mark.parametrize("text", ["", "INFO: STARTING!\nERROR: Benchmarking failed.\n", "count=1 curr=3\n"])
def test_output_without_the_figures_is_refused(text):
    with pytest.raises(DeviceError, match="benchmark_model: expected its timings"):
        parse(text)


def test_the_command_sets_what_is_asked_for():
    settings = RunSettings(Path("m.tflite"), threads=4, accelerator="gpu", runs=200, warmup=7)
    words = command("/t/benchmark_model", "/t/model.tflite", settings, profile=False)
    assert words[0] == "/t/benchmark_model"
    assert {"--graph=/t/model.tflite", "--num_threads=4", "--num_runs=200", "--warmup_runs=7"} <= set(words)
    assert "--use_gpu=true" in words
    assert not [word for word in words if "xnnpack" in word or "nnapi" in word or "profil" in word]
    profiling = command("/t/benchmark_model", "/t/model.tflite", settings, profile=True)
    assert {"--enable_op_profiling=true", "--report_peak_memory_footprint=true", "--num_runs=20"} <= set(profiling)

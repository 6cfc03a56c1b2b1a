"""The computer that a measurement ran on: what explains that the same model is faster on another day."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib import metadata as distributions
from pathlib import Path

from mobilenet_tf.results.records import Environment
from mobilenet_tf.version import __version__

__all__ = ["host_environment"]

GOVERNOR = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
THERMAL = Path("/sys/class/thermal")
LIBRARIES = ("ai-edge-litert", "tflite-runtime", "tensorflow", "tensorflow-cpu", "numpy", "pillow")


def host_environment() -> Environment:
    """This computer, now."""
    return Environment(
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        device=platform.node(),
        cpu=_cpu(),
        cores=os.cpu_count() or 1,
        memory_bytes=_memory(),
        governor=_text(GOVERNOR),
        temperature_c=_temperature(),
        os=f"{platform.system()} {platform.release()} {platform.machine()}",
        versions={"python": platform.python_version(), "mobilenet-tf": __version__, **_versions()},
        git_commit=_git_commit(),
        android=None,
    )


def _cpu() -> str:
    for line in (_text(Path("/proc/cpuinfo")) or "").splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Model", "Hardware") and value.strip():
            return value.strip()
    return platform.processor() or platform.machine()


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return None


def _temperature() -> float | None:
    """The hottest zone's, in degrees Celsius."""
    thousandths = [_text(zone / "temp") for zone in sorted(THERMAL.glob("thermal_zone*"))]
    degrees = [int(text) / 1000 for text in thousandths if text and text.lstrip("-").isdigit()]
    return max(degrees, default=None)


def _versions() -> dict[str, str]:
    versions = {}
    for name in LIBRARIES:
        try:
            versions[name] = distributions.version(name)
        except distributions.PackageNotFoundError:
            continue
    return versions


def _git_commit() -> str | None:
    """The commit of the checkout that this file is in; None if it is installed elsewhere."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short=12", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _text(path: Path) -> str | None:
    try:
        return path.read_text(errors="replace").strip() or None
    except OSError:
        return None

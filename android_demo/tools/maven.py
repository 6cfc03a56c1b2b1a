"""Run Maven on the Android demo and show what it does: the step, large downloads, and what went wrong.

    python3 -m android_demo.tools.maven -Papk package

Needs Python alone, no package.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

POM = Path(__file__).parents[1] / "pom.xml"
# Execution of pom.xml -> what it does.
STEPS = {
    "archives": "Fetching TensorFlow Lite, Android's classes and the tools",
    "linters": "Fetching the linters",
    "resources": "Compiling the resources and adding the exports",
    "compile": "Compiling the app, which takes longest",
    "android-api": "Looking for calls that Android 7 lacks",
    "apk": "Shrinking, packing and signing the APK",
}
LARGE = re.compile(r"Downloaded from \S+: \S+/(\S+) \((\d+ MB) at ")
# What follows Maven's first line on an error is about Maven.
ABOUT_MAVEN = re.compile(r"^\[ERROR\] ?(?:$|->|\[Help|To see the full stack|Re-run Maven|For more information)")


def shown(lines: Iterable[str]) -> Iterator[str]:
    """The lines to show, of those that Maven prints at level info."""
    downloading = False
    for raw in lines:
        line = re.sub(r"\x1b\[[0-9;]*m", "", raw).rstrip()
        step = re.search(r"^\[INFO\] --- .+ \((\S+)\) @ ", line)
        large = LARGE.search(line)
        if step and step[1] in STEPS:
            yield f"{STEPS[step[1]]} ..."
        elif "Downloading from " in line and not downloading:
            downloading = True
            yield "Downloading from Maven Central what is not in ~/.m2 yet; large files are named when they are there."
        elif large:
            yield f"  {large[1]}, {large[2]}"
        elif not line.startswith("[INFO]") and line and not ABOUT_MAVEN.search(line):
            yield line.removesuffix(" -> [Help 1]")


def main(arguments: list[str]) -> int:
    """Run Maven with the arguments; its exit status."""
    missing = [name for name in ("javac", "mvn") if shutil.which(name) is None]
    if missing:
        print(
            f"The Android demo needs a JDK and Maven; {' and '.join(missing)} cannot be found.\n"
            "Debian and Ubuntu: apt-get install openjdk-17-jdk-headless maven",
            file=sys.stderr,
        )
        return 2
    command = ["mvn", "--batch-mode", "-Dstyle.color=never", "-f", str(POM), *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as maven:
        assert maven.stdout is not None
        for line in shown(maven.stdout):
            print(line, flush=True)
    return maven.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

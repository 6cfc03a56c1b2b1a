"""What `make apk` shows of what Maven prints."""

import re
import shutil
import sys

import pytest

from android_demo.tools.maven import POM, STEPS, shown
from tests.support.commands import ROOT, run_process

MAVEN_PRINTS = """\
[INFO] Scanning for projects...
[INFO] Downloading from central: https://repo.maven.apache.org/apache-35.pom
[INFO] Downloaded from central: https://repo.maven.apache.org/apache-35.pom (8.4 kB at 76 kB/s)
[INFO] --- maven-dependency-plugin:3.11.0:copy (archives) @ android-demo ---
[INFO] Downloading from central: https://repo.maven.apache.org/r8-9.5.28.jar
[INFO] Downloaded from central: https://repo.maven.apache.org/r8-9.5.28.jar (17 MB at 2.0 MB/s)
[INFO] --- antrun:3.2.0:run (apk) @ android-demo ---
[INFO] Executing tasks
[WARNING] a warning of the compiler
[INFO] BUILD FAILURE
[ERROR] Failed to execute goal on project android-demo: Connection refused -> [Help 1]
[ERROR]
[ERROR] To see the full stack trace of the errors, re-run Maven with the -e switch.
[ERROR] Re-run Maven using the -X switch to enable full debug logging.
[ERROR]
[ERROR] For more information about the errors and possible solutions, please read the following articles:
[ERROR] [Help 1] http://cwiki.apache.org/confluence/display/MAVEN/DependencyResolutionException
"""


def test_steps_large_downloads_and_problems_are_shown():
    lines = list(shown(MAVEN_PRINTS.splitlines(keepends=True)))
    assert lines[0].startswith("Downloading from Maven Central")
    assert lines[1:] == [
        f"{STEPS['archives']} ...",
        "  r8-9.5.28.jar, 17 MB",
        f"{STEPS['apk']} ...",
        "[WARNING] a warning of the compiler",
        "[ERROR] Failed to execute goal on project android-demo: Connection refused",
    ]


def test_every_step_is_one_of_the_build():
    assert set(STEPS) <= set(re.findall(r"<id>([\w-]+)</id>", POM.read_text()))


@pytest.mark.skipif(shutil.which("make") is None, reason="no make")
def test_without_an_export_make_apk_is_one_sentence(tmp_path):
    done = run_process(shutil.which("make"), "--no-print-directory", "-C", ROOT, "apk", f"EXPORTS={tmp_path}")
    assert done.returncode == 2
    assert done.stdout == ""
    first, *rest = done.stderr.splitlines()
    assert first == f"No export in {tmp_path}: run make demo, or mobilenet-export, first."
    assert all(re.match(r"make(\[\d+\])?: \*\*\*", line) for line in rest)  # a number if make runs the tests


def test_without_java_and_maven_it_says_what_to_install(tmp_path):
    done = run_process(sys.executable, "-m", "android_demo.tools.maven", cwd=ROOT, env={"PATH": str(tmp_path)})
    assert done.returncode == 2
    assert "javac and mvn cannot be found" in done.stderr

"""The app's native libraries are those of the source beside them, and what Android takes."""

import json
import shutil
import subprocess

import pytest

from android_demo.tools.native import BUILT, DEMO, LIBRARIES, NAME, SOURCE, TARGETS, sha256
from tests.support.commands import ROOT

FILES = [SOURCE, *(LIBRARIES / abi / NAME for abi in TARGETS)]


def printed(command, *words):
    if shutil.which(command) is None:
        pytest.skip("binutils is not installed")
    return subprocess.run([command, *words], capture_output=True, text=True, check=True).stdout


def test_the_libraries_are_of_the_source_beside_them():
    """After a change of the source: make android-native."""
    assert json.loads((ROOT / BUILT).read_text()) == {
        str(file.relative_to(DEMO)): sha256(ROOT / file) for file in FILES
    }


def test_there_is_one_for_each_processor_of_the_apk():
    assert {path.parent.name for path in (ROOT / LIBRARIES).rglob("*.so")} == set(TARGETS)


@pytest.mark.parametrize("abi", TARGETS)
def test_a_library_needs_tensorflow_lite_s_alone_and_fits_pages_of_16_kb(abi):
    library = ROOT / LIBRARIES / abi / NAME
    assert library.stat().st_size < 4096
    text = printed("readelf", "-dlW", library)
    lines = text.splitlines()
    assert [line.split()[-1] for line in lines if "(NEEDED)" in line] == ["[libtensorflowlite_jni.so]"]
    loads = [line.split() for line in lines if line.split()[:1] == ["LOAD"]]
    assert loads
    assert {int(words[-1], 16) for words in loads} == {16384}
    # Android refuses a segment that may be written and run.
    assert not any("W" in "".join(words[6:-1]) and "E" in "".join(words[6:-1]) for words in loads)
    assert "TEXTREL" not in text


def test_its_functions_are_those_that_kotlin_declares():
    names = printed("nm", "-D", "--defined-only", ROOT / LIBRARIES / "x86_64" / NAME).split()[2::3]
    prefix = "Java_org_mobilenet_1tf_demo_engine_XnnpackThreads_"
    kotlin = (ROOT / DEMO / "src/main/kotlin/org/mobilenet_tf/demo/engine/XnnpackThreads.kt").read_text()
    declared = [line.split("fun ")[1].split("(")[0] for line in kotlin.splitlines() if "external fun" in line]
    assert sorted(names) == sorted(prefix + name for name in declared)

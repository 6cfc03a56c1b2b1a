"""Compile native/xnnpack_threads.c for each of Android's processors into src/main/jniLibs/.

    .venv-zig/bin/python -m android_demo.tools.native      (make android-native)

Needs the package ziglang, a C compiler for all of them. native/built.json has the hashes of the source and of the
libraries: a test compares them, so that the libraries in the repository are those of the source beside them.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

DEMO = Path("android_demo")
SOURCE = DEMO / "native" / "xnnpack_threads.c"
BUILT = DEMO / "native" / "built.json"
LIBRARIES = DEMO / "src" / "main" / "jniLibs"
NAME = "libxnnpack_threads.so"
# Android's name of a processor -> Zig's, with options.
TARGETS = {
    "arm64-v8a": ["aarch64-linux-android"],
    "armeabi-v7a": ["thumb-linux-androideabi", "-mcpu=generic+v7a"],
    "x86": ["x86-linux-android"],
    "x86_64": ["x86_64-linux-android"],
}
# No C library: the code calls TensorFlow Lite's functions alone. Pages of 16 KB are those of newer phones.
OPTIONS = [
    "-shared",
    "-nostdlib",
    "-ffreestanding",
    "-fPIC",
    "-Os",
    "-s",
    "-fno-stack-protector",
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wl,-z,max-page-size=16384",
    "-Wl,--hash-style=both",
]
FUNCTIONS = ("OptionsDefault", "Create", "Delete")


def sha256(path: Path) -> str:
    """The hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def compile_c(target: list[str], source: Path, library: Path, *needed: str) -> None:
    """A shared library, by Zig's C compiler, with the name that others need it by."""
    zig = [sys.executable, "-m", "ziglang", "cc", "-target", *target, *OPTIONS]
    subprocess.run([*zig, f"-Wl,-soname,{library.name}", str(source), *needed, "-o", str(library)], check=True)


def build(abi: str, folder: Path) -> None:
    """The library of one processor. In `folder` a library stands for TensorFlow Lite's, whose name is needed."""
    stub = folder / "stub.c"
    stub.write_text("".join(f"void TfLiteXNNPackDelegate{name}(void) {{}}\n" for name in FUNCTIONS))
    needed = folder / "libtensorflowlite_jni.so"
    compile_c(TARGETS[abi], stub, needed)
    (LIBRARIES / abi).mkdir(parents=True, exist_ok=True)
    compile_c(TARGETS[abi], SOURCE, LIBRARIES / abi / NAME, str(needed))
    (LIBRARIES / abi / NAME).chmod(0o644)


def main() -> None:
    """Build all, and write the hashes."""
    for abi in TARGETS:
        with tempfile.TemporaryDirectory() as folder:
            build(abi, Path(folder))
    files = [SOURCE, *(LIBRARIES / abi / NAME for abi in TARGETS)]
    BUILT.write_text(json.dumps({str(file.relative_to(DEMO)): sha256(file) for file in files}, indent=1) + "\n")


if __name__ == "__main__":
    main()

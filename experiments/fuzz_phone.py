"""A stand-in for adb and a phone: shell scripts that answer as real ones do, of which one answers something else."""

from collections.abc import Mapping
from pathlib import Path

__all__ = ["REPORT", "SERIAL", "write_phone"]

SERIAL = "FUZZ0001"

# What benchmark_model prints of a small model, on which the phone's answer to it is built.
REPORT = """INFO: STARTING!
INFO: Explicitly applied XNNPACK delegate, and the model graph will be completely executed by the delegate.
INFO: Initialized session in 3.5ms.
INFO: count=10 first=900 curr=910 min=880 max=950 avg=905 std=12 p5=881 median=904 p95=948
INFO: count=50 first=900 curr=910 min=880 max=950 avg=905 std=12 p5=881 median=904 p95=948
INFO: Overall peak memory footprint (MB) via periodic monitoring: 12.5
Operator-wise Profiling Info for Regular Benchmark Runs:
============================== Run Order ==============================
\t[node type]\t[first]\t[avg ms]\t[%]\t[cdf%]\t[mem KB]\t[times called]\t[Name]
\tDelegate/XNNPACK\t0.9\t0.9\t100%\t100%\t0.0\t1\t[scores]:4
"""

# Step of adb -> its script. `line` is the remote command, `from` and `to` the paths of a copy.
DEFAULTS = {
    "devices": f'printf "List of devices attached\\n{SERIAL}\\tdevice\\n"',
    "shell": 'sh -c "$line"',
    "push": 'cp "$from" "$to"',
    "pull": 'cp "$from" "$to"',
}
# Command of the phone -> its script.
COMMANDS = {
    "getprop": """case $1 in
ro.product.cpu.abi) echo arm64-v8a;; ro.product.manufacturer) echo maker;; ro.product.model) echo model;;
ro.build.version.release) echo 12;; *) echo soc;; esac""",
    "nproc": "echo 8",
    "dumpsys": """case $1 in
battery) printf '  AC powered: false\\n  USB powered: true\\n  level: 80\\n  scale: 100\\n  temperature: 301\\n';;
*) printf 'Thermal Status: 0\\nCurrent temperatures from HAL:\\n'
printf '\\tTemperature{mValue=31.5, mType=0, mName=CPU, mStatus=0}\\nCurrent cooling devices\\n';; esac""",
    "pm": 'echo "package:/data/app/base.apk"',
    "pidof": "exit 0",
    "am": """[ "$1" = start ] || exit 0
mkdir -p "$files/models" "$files/results" "$files/images"
while [ $# -gt 0 ]; do [ "$1" = run ] && run=$2; shift; done
[ -n "$run" ] || exit 0
cp "$here/predictions.json" "$files/results/$run.predictions.json"
cp "$here/result.json" "$files/results/$run.result.json\"""",
    "tool": 'cat "$here/report"',
}


def write_phone(folder: Path, changes: Mapping[str, str], files: Mapping[str, bytes]) -> Path:
    """Write adb and its phone into `folder` -> the folder to put before the PATH.

    changes: a step of adb or a command of the phone -> its script. files: `report`, `result.json`, `predictions.json`.
    """
    known = DEFAULTS.keys() | COMMANDS.keys()
    assert changes.keys() <= known, changes
    here, phone = folder / "bin", folder / "phone"
    for place in (here, phone, folder / "data" / "tmp", folder / "data" / "sdcard"):
        place.mkdir(parents=True)
    for name, content in ({"report": REPORT.encode()} | dict(files)).items():
        (folder / name).write_bytes(content)
    beginning = f"""#!/bin/sh
here={folder} files={folder}/data/sdcard/Android/data/org.mobilenet_tf.demo/files
moved() {{ printf %s "$1" | sed 's#/sdcard/#{folder}/data/sdcard/#g; s#/data/local/tmp#{folder}/data/tmp#g'; }}
"""
    for name, script in (COMMANDS | {name: changes[name] for name in changes.keys() & COMMANDS.keys()}).items():
        _write_script(phone / name, f"{beginning}{script}\n")
    steps = DEFAULTS | {name: changes[name] for name in changes.keys() & DEFAULTS.keys()}
    _write_script(
        here / "adb",
        f"""{beginning}PATH={phone}:$PATH
if [ "$1" = devices ]; then
{steps["devices"]}
exit; fi
shift 2
case $1 in
shell) line=$(moved "$2")
{steps["shell"]}
;;
push) from=$2 to=$(moved "$3")
{steps["push"]}
;;
pull) from=$(moved "$2") to=$3
{steps["pull"]}
;;
esac
""",
    )
    return here


def _write_script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)

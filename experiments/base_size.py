"""`make bench-base-size`: what the base install takes on the disk, with the newest and with the oldest LiteRT."""

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from mobilenet_tf.terminal import table

ROOT = Path(__file__).resolve().parents[1]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")


def main() -> None:
    """Print a row for each of the two, with its largest packages."""
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    (oldest,) = (match[1] for line in dependencies if (match := re.match(r"ai-edge-litert>=([\d.]+)", line)))
    rows = [row("newest"), row(oldest, f"ai-edge-litert=={oldest}")]
    print(table(["LiteRT", "MB", "largest packages, MB"], rows))


def row(name: str, *pinned: str) -> list[str]:
    """Install into an empty folder, bytecode included as pip does, and add up its files."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*PIP, "--target", folder, str(ROOT), *pinned], check=True)
        sizes: dict[str, int] = {}
        for path in Path(folder).rglob("*"):
            package = re.split(r"[-.]", path.relative_to(folder).parts[0])[0]
            if path.is_file():
                sizes[package] = sizes.get(package, 0) + path.stat().st_size
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:5]
    listed = ", ".join(f"{package} {size / 1e6:.0f}" for package, size in largest)
    return [name, f"{sum(sizes.values()) / 1e6:.0f}", listed]


if __name__ == "__main__":
    main()

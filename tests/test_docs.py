import re
import tomllib

import pytest

from tests.support.commands import ROOT, run_process

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_each_of_its_options_is_in_the_readme(command):
    assert command in README
    done = run_process(command, "--help")
    for option in set(re.findall(r"^  (--[a-z-]+)", done.stdout, re.MULTILINE)) - {"--help", "--version"}:
        assert option in README, option


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_local_link_is_alive(page):
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if not link.startswith("http"):
            assert (page.parent / link).exists(), link


def test_every_make_target_the_readme_names_exists():
    makefiles = (ROOT / "Makefile").read_text() + (ROOT / "experiments" / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z0-9-]+):", makefiles, re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z0-9-]+)", README)) <= targets


def test_every_bundled_photo_is_credited():
    notice = (ROOT / "mobilenet_tf" / "assets" / "NOTICE").read_text()
    photos = sorted(path.name for path in (ROOT / "mobilenet_tf" / "assets" / "photos").iterdir())
    credited = re.findall(r"^(\w+\.jpg): .+\n  Author: .+\n  Licence: .+\n  Found in: .+", notice, re.MULTILINE)
    assert sorted(credited) == photos

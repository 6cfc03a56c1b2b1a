"""README and docs as text: their fenced blocks, command lines, links and headings."""

import re
import shlex

from .commands import ROOT

README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]

_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page, language=None):
    """The fenced blocks of a page: of one language, or all of them."""
    return [text for name, text in _FENCE.findall(page.read_text()) if language in (None, name.strip())]


def prose(page):
    """A page without its fenced blocks."""
    return _FENCE.sub("", page.read_text())


def command_lines(page):
    """The arguments of every line of a fenced block that calls one of the project's commands."""
    for block in blocks(page):
        for line in block.replace("\\\n", " ").splitlines():
            match = re.match(r"\s*(?:\$ |\w+='[^']*'\s+|Next: )?(mobilenet-[a-z]+ [^>]*)", line)
            if match and "[OPTIONS]" not in line:
                yield shlex.split(match[1], comments=True)


def links(page):
    """(file, anchor) of every link of a page to a file of the project; the file is empty for the page itself."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if not re.match(r"https?://", target):
            file, _, anchor = target.partition("#")
            yield file, anchor


def anchors(page):
    """What links to the headings of a page end with, as GitHub makes it."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in plain}

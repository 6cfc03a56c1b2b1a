"""Which reasons to skip a test are allowed, so that a test cannot silently stop to run."""

__all__ = ["read_allowed", "reason_of", "unexpected"]

PREFIX = "Skipped: "  # pytest's own


def read_allowed(path):
    """The beginnings of reasons that a file lists, one a line; empty lines and comments (#) are left out."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def reason_of(report):
    """Why pytest's report of a skipped test says that it was skipped."""
    return report.longrepr[2].removeprefix(PREFIX)


def unexpected(reports, allowed):
    """The lines `test: reason` of the skipped tests whose reason begins with none of `allowed`."""
    return [
        f"{report.nodeid}: {reason_of(report)}"
        for report in reports
        if not any(reason_of(report).startswith(beginning) for beginning in allowed)
    ]

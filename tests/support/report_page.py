"""What the tests of the report read from its page."""

import json
import re

# Text that is markup for HTML, Markdown, a spreadsheet or plotly.
HOSTILE = """</script><script>alert(1)</script><img src=x onerror="alert(2)">'&amp;|`*\n=1+1 %{x} <b>"""


def body_of(page):
    """The page without its scripts and style."""
    return re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)


def figures_of(page):
    data = re.search(r'<script type="application/json" id="charts">(.*?)</script>', page, re.DOTALL)[1]
    return json.loads(data)["figures"]

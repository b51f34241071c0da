"""The chart library is the file that was chosen; words and colours of the page are the service's."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import bot.desk.web
from bot.names import EXCLUSIONS, OUTCOMES

PAGE = Path(bot.desk.web.__file__).parent / "page"
LIBRARY = PAGE / "vendor" / "chart.umd.min.js"
ROOT = Path(__file__).parents[4]


def test_the_chart_library_is_the_one_that_was_looked_at() -> None:
    digest = hashlib.sha256(LIBRARY.read_bytes()).hexdigest()
    decision = (ROOT / "docs" / "decisions" / "0012-charts.md").read_text("utf-8")
    assert digest in decision
    version = re.search(r"Chart\.js v([\d.]+)", LIBRARY.read_text("utf-8"))
    assert version is not None and f"Chart.js {version[1]}" in decision
    assert "The MIT License" in (PAGE / "vendor" / "LICENSE.chart.md").read_text("utf-8")


def test_the_chart_library_makes_no_markup_and_no_code_of_strings() -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert re.search(forbidden, LIBRARY.read_text("utf-8")) is None


def test_outcomes_and_exclusions_are_called_as_in_the_terminal() -> None:
    words = (PAGE / "reports" / "words.js").read_text("utf-8")
    shown = dict(re.findall(r'\["(\w+)", "([^"]+)", COLORS', words.split("LEVELS")[0]))
    assert shown == OUTCOMES
    excluded = re.search(r"EXCLUDED = \{(.+?)\}", words)
    assert excluded is not None
    assert dict(re.findall(r'(\w+): "([^"]+)"', excluded[1])) == EXCLUSIONS


def test_a_legend_has_the_colours_of_its_chart() -> None:
    colors = dict(re.findall(r'(\w+): "(#\w{6})"', (PAGE / "chart.js").read_text("utf-8")))
    words = (PAGE / "reports" / "words.js").read_text("utf-8")
    css = (PAGE / "reports" / "figures.css").read_text("utf-8")
    legend = dict(re.findall(r'\[data-outcome="(\w+)"\]::before \{ background: (#\w{6})', css))
    chart = {
        name: colors[color]
        for name, color in re.findall(r'\["(\w+)", "[^"]+", COLORS\.(\w+)\]', words)
        if name in OUTCOMES
    }
    assert legend == chart

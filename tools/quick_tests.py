"""A pytest plugin for `make check`: leaves out every test that needs a model or a browser.

What a test needs shows in its fixtures, so nobody has to mark anything:

    python -m pytest -p tools.quick_tests
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

SLOW_FIXTURES = frozenset({"model", "engine", "service", "browser", "page"})


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what is slow."""
    slow = [item for item in items if SLOW_FIXTURES & _fixtures(item)]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in slow]


def _fixtures(item: pytest.Item) -> set[str]:
    names: Iterable[str] = getattr(item, "fixturenames", ())
    return set(names)

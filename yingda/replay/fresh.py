"""A demo shop that is as it was for every dialogue, whatever the one before has changed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

_BUSY_S = 5.0


class FreshShop:
    """Remembers a shop's file and puts it back while the service goes on using it.

    SQLite's own backup does both, so other connections see either all of it or nothing.
    """

    def __init__(self, file: Path) -> None:
        """Remember the file as it is now.

        Raises:
            sqlite3.Error: it is not there or cannot be read.
        """
        self._file = file
        self._kept = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=_BUSY_S)) as shop:
            shop.backup(self._kept)

    def restore(self) -> None:
        """Put everything back.

        Raises:
            sqlite3.Error: somebody else held the file for too long.
        """
        with closing(sqlite3.connect(self._file, timeout=_BUSY_S)) as shop:
            self._kept.backup(shop)

    def close(self) -> None:
        """Forget what was remembered."""
        self._kept.close()

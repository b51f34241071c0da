"""Logs: one line an event, tagged fields, personal data masked."""

from __future__ import annotations

import logging

from bot.privacy import MaskingFilter

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class TaggedFormatter(logging.Formatter):
    """Appends the fields given in ``extra`` as ``key=value``."""

    def format(self, record: logging.LogRecord) -> str:
        """The line with its tags."""
        line = super().format(record)
        tags = " ".join(
            f"{name}={value}" for name, value in vars(record).items() if name not in _STANDARD
        )
        return f"{line} {tags}" if tags else line


def set_up_logging(level: int = logging.INFO) -> None:
    """Send all logs to standard error, masked."""
    handler = logging.StreamHandler()
    handler.setFormatter(TaggedFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(MaskingFilter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Request lines carry query strings and one line a message; the metrics count them better.
    for noisy in ("httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

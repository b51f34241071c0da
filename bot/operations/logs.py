"""Logs: one line an event, tagged fields, personal data masked."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

from bot.privacy import mask_personal

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class TaggedFormatter(logging.Formatter):
    """Appends the fields given in ``extra`` as ``key=value`` and masks the finished line.

    An exception is shown by its type and the places it passed, without its message: messages quote
    what was processed, which is what customers wrote.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line with its tags, masked."""
        record.exc_text = None
        line = super().format(record)
        tags = " ".join(
            f"{name}={value}" for name, value in vars(record).items() if name not in _STANDARD
        )
        first, *rest = line.split("\n")
        return mask_personal("\n".join([f"{first} {tags}" if tags else first, *rest]))

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """Types and places of an exception and of what caused it."""
        lines: list[str] = []
        error: BaseException | None = ei[1]
        while error is not None:
            kind = type(error)
            lines.append(f"{kind.__module__}.{kind.__qualname__}")
            lines += [
                f"  {frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
            ]
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(lines)


def set_up_logging(level: int = logging.INFO) -> None:
    """Send all logs to standard error, masked."""
    handler = logging.StreamHandler()
    handler.setFormatter(TaggedFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # uvicorn's own handlers would bypass ours.
    for server in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(server).handlers = []
        logging.getLogger(server).propagate = True
    # Request lines carry query strings and one line a message; the metrics count them better.
    for noisy in ("httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

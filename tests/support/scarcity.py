"""A process that the system gives no more to, for a while."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count


@contextmanager
def descriptors_left(free: int) -> Iterator[None]:
    """This process may open so many files and pipes more, at this moment."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = {int(name) for name in os.listdir("/proc/self/fd")}
    unused = (number for number in count() if number not in taken)
    limit = [next(unused) for _ in range(free + 1)][-1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

"""Sound first: a frame that leaves late is heard, an answer that comes later is not."""

from __future__ import annotations

import contextlib
import os

_SOUND = -10


def put_sound_first() -> None:
    """Ask the kernel to run this thread before others of the machine.

    Where we may not (no root, no ``LimitNICE``, no ``CAP_SYS_NICE``) nothing changes.
    """
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, _SOUND)

"""The command line: ``yingda up | train | parse | chat | replay | evaluate | shop | wechat …``.

Every command imports what it needs when it runs, so that ``yingda --help`` answers at once.
Exit codes: 0 as wished, 1 something differs or failed, 2 wrong call or settings, 130 interrupted.
"""

from yingda.cli.app import main

__all__ = ["main"]

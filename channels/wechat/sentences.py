"""The few sentences that the channel itself understands: they are about the account, not the shop."""

from __future__ import annotations

import re
from enum import StrEnum


class Wish(StrEnum):
    """What such a sentence asks for."""

    BIND = "bind"
    UNBIND = "unbind"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"


_NOISE = re.compile(r"[\s，。！？!?,.~～“”\"']+")
_SENTENCES = {
    Wish.BIND: r"(?:我?[想要]?(?:要)?绑定(?:一下)?(?:会员|账号|帐号|账户|微信|手机)?(?:账号|帐号)?)",
    Wish.UNBIND: r"(?:我?[想要]?(?:要)?(?:解绑|解除绑定|取消绑定)(?:会员|账号|帐号|微信)?)",
    Wish.OPT_OUT: r"(?:td|退订|退订通知|取消通知|关闭通知|不要再?(?:给我)?发通知了?|取消订阅)",
    Wish.OPT_IN: r"(?:恢复通知|开启通知|打开通知|订阅通知)",
}
_WHOLE = {wish: re.compile(pattern + r"(?:吧|谢谢)?", re.I) for wish, pattern in _SENTENCES.items()}

_PICK = re.compile(r"(?:选|第)?\s*([1-9]|1[0-9]|20)\s*(?:个|号|项)?[.、。]?")
_WIDE = str.maketrans("０１２３４５６７８９", "0123456789")


def wish_of(text: str) -> Wish | None:
    """The wish, if the whole message is one."""
    bare = _NOISE.sub("", text)
    return next((wish for wish, whole in _WHOLE.items() if whole.fullmatch(bare)), None)


def pick_of(text: str) -> int | None:
    """The number of an option, counted from 0, if the whole message picks one."""
    found = _PICK.fullmatch(text.strip().translate(_WIDE))
    return int(found[1]) - 1 if found else None

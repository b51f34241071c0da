"""What must be understood even while the engine is down: somebody asking for a person."""

from __future__ import annotations

import re

_PERSON = r"(?:人工(?:客服|服务|座席|坐席)?|真人(?:客服)?|客服(?:人员|小姐|小哥)?|活人|专员|话务员)"
_ASK = re.compile(
    rf"^(?:我?(?:想|要|需要|就要)?(?:帮我|给我|请|麻烦)?)?"
    rf"(?:转接?|接|找|叫|换|要|联系|呼叫)?(?:一下|到|个|你们)?的?{_PERSON}"
    rf"(?:来|接听|处理|吧|啊|呢|谢谢|在吗|在不在)*$"
)
_NOISE = re.compile(r"[\s，。！？、,.!?~～…]+")


def asks_for_human(text: str) -> bool:
    """Whether the whole message is a plain request for a person (not a mention of one)."""
    return bool(_ASK.match(_NOISE.sub("", text)))

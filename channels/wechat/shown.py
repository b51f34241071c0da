"""What an agent is told of WeChat's reply window."""

from __future__ import annotations

from bot.clock import BUSINESS_ZONE
from bot.conversations import ConversationKey
from bot.desk import ReplyWindow
from channels.wechat.windows import Windows

CLOSED = "微信回复窗口已关闭，等客户再发消息才能回复；着急请改用电话或App。"


class ShownWindows:
    """The reply windows in Chinese, for the desk.

    Args:
        windows: the platform's quota.
    """

    def __init__(self, windows: Windows) -> None:
        self._windows = windows

    async def window(self, key: ConversationKey) -> ReplyWindow:
        """See bot.desk.ReplyWindows."""
        window = await self._windows.window(key)
        if not window.left or window.until is None:
            return ReplyWindow(CLOSED, left=0)
        at = window.until.astimezone(BUSINESS_ZONE)
        text = f"微信还可回复{window.left}条，{at.month}月{at.day}日 {at:%H:%M}前有效"
        return ReplyWindow(text, window.left, window.until)

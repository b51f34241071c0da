"""News that nobody asked for: an order has been sent, a return approved, a case answered.

The shop's back office posts them (`build_notices_router`); `Notices` brings each to the customer by
the best channel that they allow, at most so many a day, once. They are no conversation: nothing
here opens an episode or counts as one.
"""

from bot.notices.models import Kind, Notice
from bot.notices.routes import build_notices_router
from bot.notices.service import NoticeChannel, Notices, Sent

__all__ = ["Kind", "Notice", "NoticeChannel", "Notices", "Sent", "build_notices_router"]

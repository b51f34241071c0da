"""Tags of a customer, over all channels, or of a stranger's conversation."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from bot.desk.accounts import Actor
from bot.desk.errors import BadInput
from bot.desk.views.customer import who
from bot.desk.views.items import tag_subject
from bot.records.tables import tags

MAX_TAGS = 12
_TAG = re.compile(r"[\w\u4e00-\u9fff·+#&/ -]{1,16}")


def replace(
    tx: Connection, actor: Actor, conversation_id: str, wanted: list[str], now: datetime
) -> list[str]:
    """Make these the tags; returns them as they are kept: trimmed, each once.

    Raises:
        BadInput: too many, or one has not the form of a tag.
    """
    wanted = list(dict.fromkeys(tag.strip() for tag in wanted))
    if len(wanted) > MAX_TAGS or not all(_TAG.fullmatch(tag) for tag in wanted):
        raise BadInput(f"标签最多 {MAX_TAGS} 个，每个 1 到 16 个字，不含特殊符号。")
    subject = tag_subject(who(tx, conversation_id).customer, conversation_id)
    known = set(tx.execute(select(tags.c.tag).where(tags.c.subject == subject)).scalars())
    tx.execute(delete(tags).where(tags.c.subject == subject, tags.c.tag.in_(known - set(wanted))))
    for tag in wanted:
        if tag not in known:
            tx.execute(insert(tags).values(subject=subject, tag=tag, agent_id=actor.id, at=now))
    return wanted

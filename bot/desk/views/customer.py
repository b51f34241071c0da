"""Who the customer of a conversation is, over all channels: what our tables know of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from bot.desk.views.names import LEVELS, OUTCOMES, channel_name, intent_name
from bot.names import COURTESIES
from bot.records.tables import (
    agents,
    conversations,
    coupon_grants,
    customers,
    episodes,
    events,
    identities,
    messages,
)

_EPISODES = 20
_COUPONS = 20
_ASKS_NOTHING = frozenset({*COURTESIES, "nlu_fallback"})
_HOW = {
    "order_and_phone_tail": "订单号和手机尾号核对",
    "app": "App 登录",
    None: "",
}


@dataclass(frozen=True)
class Who:
    """The customer behind a conversation.

    Args:
        customer: the shop's id; None for a stranger.
        level: of the present episode: anonymous, linked, verified.
        how: Chinese, how the proof was given.
    """

    customer: str | None
    level: str
    how: str

    def as_json(self) -> dict[str, Any]:
        """The wire form of docs/desk.md."""
        return {"level": self.level, "level_text": LEVELS[self.level], "how": self.how}


def who(tx: Connection, conversation_id: str) -> Who:
    """Whom a conversation is with; a link from an earlier proof counts as ``linked``."""
    row = tx.execute(
        select(
            conversations.c.episode_id,
            episodes.c.level,
            episodes.c.shop_customer_id,
            identities.c.level.label("identity_level"),
            customers.c.shop_customer_id.label("linked"),
        )
        .join(identities, identities.c.id == conversations.c.identity_id)
        .outerjoin(customers, customers.c.id == identities.c.customer_id)
        .outerjoin(episodes, episodes.c.id == conversations.c.episode_id)
        .where(conversations.c.id == conversation_id)
    ).one()
    if row.level == "verified" and row.shop_customer_id is not None:
        proved = tx.execute(
            select(events.c.data)
            .where(events.c.episode_id == row.episode_id, events.c.kind == "verified")
            .limit(1)
        ).scalar()
        by = proved.get("by") if proved else "app"
        return Who(row.shop_customer_id, "verified", _HOW.get(by, str(by)))
    if row.linked is not None:
        level = "verified" if row.identity_level == "verified" else "linked"
        how = _HOW["app"] if level == "verified" else "以前在这个渠道验证过"
        return Who(row.linked, level, how)
    return Who(None, "anonymous", "")


def identities_of(
    tx: Connection, conversation_id: str, customer: str | None
) -> list[dict[str, Any]]:
    """On which channels we know this person."""
    query = select(identities.c.channel, identities.c.created_at).order_by(identities.c.created_at)
    if customer is None:
        query = query.join(conversations, conversations.c.identity_id == identities.c.id).where(
            conversations.c.id == conversation_id
        )
    else:
        query = query.join(customers, customers.c.id == identities.c.customer_id).where(
            customers.c.shop_customer_id == customer
        )
    return [
        {
            "channel": row.channel,
            "channel_name": channel_name(row.channel),
            "since": row.created_at.isoformat(),
        }
        for row in tx.execute(query.limit(20))
    ]


def episodes_of(tx: Connection, conversation_id: str, customer: str | None) -> list[dict[str, Any]]:
    """Their contacts on every channel, newest first, each with what it was about."""
    mine = episodes.c.conversation_id == conversation_id
    if customer is not None:
        mine = mine | (episodes.c.shop_customer_id == customer)
    rows = tx.execute(
        select(episodes).where(mine).order_by(episodes.c.opened_at.desc()).limit(_EPISODES)
    ).all()
    asked = _intents(tx, [row.id for row in rows])
    return [
        {
            "id": row.id,
            "conversation": row.conversation_id,
            "channel": row.channel,
            "channel_name": channel_name(row.channel),
            "opened_at": row.opened_at.isoformat(),
            "closed_at": row.closed_at.isoformat() if row.closed_at else None,
            "outcome": row.outcome,
            "outcome_text": OUTCOMES.get(row.outcome) if row.outcome else None,
            "intent_names": asked[row.id],
            "handoff_reason": row.handoff_reason,
        }
        for row in rows
    ]


def _intents(tx: Connection, episode_ids: Sequence[str]) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    rows = tx.execute(
        select(messages.c.episode_id, messages.c.intent)
        .where(messages.c.episode_id.in_(episode_ids), messages.c.intent.is_not(None))
        .order_by(messages.c.seq)
    )
    for row in rows:
        name = intent_name(row.intent)
        if name and row.intent not in _ASKS_NOTHING and name not in found[row.episode_id]:
            found[row.episode_id].append(name)
    return found


def coupons_of(tx: Connection, customer: str | None) -> list[dict[str, Any]]:
    """Coupons that the desk gave this customer, newest first."""
    if customer is None:
        return []
    rows = tx.execute(
        select(coupon_grants, agents.c.name.label("agent_name"))
        .outerjoin(agents, agents.c.id == coupon_grants.c.agent_id)
        .where(coupon_grants.c.shop_customer_id == customer)
        .where(coupon_grants.c.status.not_in(("refused", "failed")))
        .order_by(coupon_grants.c.at.desc())
        .limit(_COUPONS)
    )
    return [coupon_view(row) for row in rows]


def coupon_view(row: Any) -> dict[str, Any]:
    """A grant as the panel shows it."""
    return {
        "id": row.id,
        "number": row.coupon_id,
        "yuan": row.cents / 100,
        "reason": row.reason,
        "status": row.status,
        "agent_name": row.agent_name or "系统",
        "at": row.at.isoformat(),
    }

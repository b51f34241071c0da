"""Who may do what at the desk: one table, and nothing else decides it.

An operation is what an endpoint (or a frame of the live socket) declares; a role is a set of them.
Whether it is *this* conversation's turn is decided beside it, in `reach`.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What an agent is: 客服, 主管, 管理员."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Op(StrEnum):
    """One thing that can be done at the desk."""

    SELF = "self"  # one's own presence, password, second factor
    SEE = "see"  # lists, conversations within reach, their files
    SEE_ALL = "see_all"  # everybody's conversations, also the bot's
    REPLY = "reply"  # answer the customer: words, files, typing
    TAKE = "take"
    TRANSFER = "transfer"
    SNOOZE = "snooze"
    RESOLVE = "resolve"
    HAND_BACK = "hand_back"
    TAKE_OVER = "take_over"
    JOIN = "join"
    NOTE = "note"
    WHISPER = "whisper"
    TAG = "tag"
    CUSTOMER = "customer"  # the panel: profile (masked), orders, points, earlier episodes
    REVEAL = "reveal"  # a phone, name or address in clear, with a reason
    START_RETURN = "start_return"
    COUPON = "coupon"
    CASE = "case"
    CASE_ALL = "case_all"  # cases of everybody
    CANNED = "canned"  # use them, keep one's own
    CANNED_SHARED = "canned_shared"
    COLLEAGUES = "colleagues"
    WALL = "wall"
    EXPORT = "export"
    REPORT = "report"  # figures, audits, what was not understood
    AGENTS = "agents"
    AUDIT = "audit"


_AGENT = frozenset(
    {
        Op.SELF,
        Op.SEE,
        Op.REPLY,
        Op.TAKE,
        Op.TRANSFER,
        Op.SNOOZE,
        Op.RESOLVE,
        Op.HAND_BACK,
        Op.NOTE,
        Op.TAG,
        Op.CUSTOMER,
        Op.START_RETURN,
        Op.COUPON,
        Op.CASE,
        Op.CANNED,
        Op.COLLEAGUES,
    }
)
_SUPERVISOR = _AGENT | {
    Op.SEE_ALL,
    Op.TAKE_OVER,
    Op.JOIN,
    Op.WHISPER,
    Op.REVEAL,
    Op.CASE_ALL,
    Op.CANNED_SHARED,
    Op.WALL,
    Op.EXPORT,
    Op.REPORT,
}
_ADMIN = _SUPERVISOR | {Op.AGENTS, Op.AUDIT}

ALLOWED: dict[Role, frozenset[Op]] = {
    Role.AGENT: _AGENT,
    Role.SUPERVISOR: frozenset(_SUPERVISOR),
    Role.ADMIN: frozenset(_ADMIN),
}
"""The table."""

ROLE_NAMES = {Role.AGENT: "客服", Role.SUPERVISOR: "主管", Role.ADMIN: "管理员"}


def roles_for(op: Op) -> list[Role]:
    """Who may, least first."""
    return [role for role in Role if op in ALLOWED[role]]

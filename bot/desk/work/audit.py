"""The log of what agents did that a customer or an auditor may one day ask about; append-only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from bot.desk.accounts import Actor
from bot.records.tables import agents, audit

ACTIONS = {
    "login": "登录",
    "logout": "退出",
    "password": "修改密码",
    "totp_on": "开启动态验证码",
    "totp_off": "关闭动态验证码",
    "reveal": "查看完整信息",
    "coupon": "发放补偿券",
    "return": "代客申请退货",
    "join": "旁听会话",
    "take_over": "接管会话",
    "whisper": "悄悄话",
    "export": "导出交接资料",
    "agent_add": "新增客服",
    "agent_change": "修改客服",
    "agent_deactivate": "停用客服",
    "agent_password": "重置客服密码",
    "canned_shared": "修改公共快捷回复",
    "case_answer": "答复工单",
    "report_read": "查阅会话原文",
    "report_audit": "抽检会话",
    "gap_label": "标注没听懂的话",
}
MAX_PAGE = 200


def write(
    tx: Connection,
    actor: Actor,
    action: str,
    subject: str,
    now: datetime,
    *,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """Write down what an agent does, in the transaction in which it is done (or before it is)."""
    tx.execute(
        insert(audit).values(
            agent_id=actor.id,
            action=action,
            subject=subject[:120],
            reason=reason,
            data=data or {},
            address=actor.address[:64],
            at=now,
        )
    )


def entries(
    tx: Connection,
    *,
    before: int | None,
    agent: str | None,
    action: str | None,
    limit: int,
) -> list[dict[str, Any]]:
    """The newest entries, or those before an id."""
    query = (
        select(audit, agents.c.name)
        .outerjoin(agents, agents.c.id == audit.c.agent_id)
        .order_by(audit.c.id.desc())
        .limit(max(1, min(limit, MAX_PAGE)))
    )
    if before is not None:
        query = query.where(audit.c.id < before)
    if agent is not None:
        query = query.where(audit.c.agent_id == agent)
    if action is not None:
        query = query.where(audit.c.action == action)
    return [
        {
            "id": row.id,
            "agent": {"id": row.agent_id, "name": row.name},
            "action": row.action,
            "action_text": ACTIONS.get(row.action, row.action),
            "subject": row.subject,
            "reason": row.reason,
            "data": row.data,
            "address": row.address,
            "at": row.at.isoformat(),
        }
        for row in tx.execute(query)
    ]

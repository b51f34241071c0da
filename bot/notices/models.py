"""What a notice says, and its words."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from bot.privacy import mask_personal

OPT_OUT_HINT = "不想收到通知，回复“退订”。"


class Kind(StrEnum):
    """What has happened."""

    ORDER_SHIPPED = "order_shipped"
    RETURN_APPROVED = "return_approved"
    CASE_ANSWERED = "case_answered"


class Notice(BaseModel):
    """News for a customer, as the back office posts it (docs/notices.md).

    ``id`` is the back office's own: posting it again changes nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")
    kind: Kind
    customer_id: str = Field(min_length=1, max_length=64)
    order_number: str = Field("", max_length=40, pattern=r"^[A-Za-z0-9-]*$")
    carrier: str = Field("", max_length=20)
    tracking_tail: str = Field("", max_length=6, pattern=r"^[A-Za-z0-9]*$")
    detail: str = Field("", max_length=200, description="return: what to do; case: the answer")

    def digest(self) -> str:
        """The same for the same content."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def fields(self) -> dict[str, str]:
        """What a template message may show, by our names."""
        status = {
            Kind.ORDER_SHIPPED: "已发货",
            Kind.RETURN_APPROVED: "退货申请已通过",
            Kind.CASE_ANSWERED: "已有处理结果",
        }[self.kind]
        return {
            "order_number": self.order_number or "—",
            "status": status,
            "carrier": self.carrier or "—",
            "detail": mask_personal(self.detail) or "回复消息可以查看详情",
        }

    def text(self) -> str:
        """The notice as a message, in natural Chinese."""
        order = f"订单{self.order_number}" if self.order_number else "订单"
        detail = mask_personal(self.detail).strip()
        if self.kind is Kind.ORDER_SHIPPED:
            tail = f"，运单尾号{self.tracking_tail}" if self.tracking_tail else ""
            by = f"，由{self.carrier}承运{tail}" if self.carrier else ""
            said = f"您的{order}已经发货{by}。回复“查物流”可以看最新进度。"
        elif self.kind is Kind.RETURN_APPROVED:
            said = f"您{order}的退货申请通过了。{detail or '回复“退货怎么寄”，我来告诉您下一步。'}"
        else:
            said = f"您反馈的问题有结果了：{detail or '回复“转人工”，同事会跟您说明。'}"
        return f"{said}\n{OPT_OUT_HINT}"

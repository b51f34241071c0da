"""Returns: the rules, starting one, and how the refund comes along."""

from actions.returns.refunds import RefundProgress
from actions.returns.rules import ReturnPolicySkill
from actions.returns.starting import StartReturn

__all__ = ["RefundProgress", "ReturnPolicySkill", "StartReturn"]

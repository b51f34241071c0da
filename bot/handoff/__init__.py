"""When people take over, who gets the conversation, and who owns it at any time.

`HandoffDesk` is what the desk (bot/desk) calls: take, transfer, take_over, snooze, resolve,
hand_back, reply, set_presence, beat, leave, queue_place. The worker of a turn (bot/turn) decides and
opens a handoff within its own transaction. The policy is bot/handoff/policy.yml.

Skills of agents are the words of the policy: 售前, 售后, 投诉, 电话. Languages: zh, en. Roles: agent,
supervisor, admin. Presences: online, away, offline.
"""

from bot.handoff import telephone
from bot.handoff.deciding import Decision, Evidence
from bot.handoff.desk import HandoffDesk
from bot.handoff.effects import Effects
from bot.handoff.observer import HandoffObserver
from bot.handoff.opening import Opened
from bot.handoff.ownership import customer_left
from bot.handoff.policy import POLICY_FILE, Hours, Policy, PolicyError, PolicyFile, load_policy
from bot.handoff.presence import PRESENCES
from bot.handoff.queue import Figures, Place
from bot.handoff.step import Step
from bot.handoff.view import heard
from bot.handoff.webhook import Webhook
from bot.handoff.wishes import asks_for_human

__all__ = [
    "POLICY_FILE",
    "PRESENCES",
    "Decision",
    "Effects",
    "Evidence",
    "Figures",
    "HandoffDesk",
    "HandoffObserver",
    "Hours",
    "Opened",
    "Place",
    "Policy",
    "PolicyError",
    "PolicyFile",
    "Step",
    "Webhook",
    "asks_for_human",
    "customer_left",
    "heard",
    "load_policy",
    "telephone",
]

"""Customers who are upset: why, what follows, until when, and whether it helped.

A turn asks `Care` twice in its own transaction: `read` adds cause, scene and evidence to the engine's
emotion, `heard` opens a case (or raises, ends, reopens the customer's) and says what the customer hears
beside the answer. A loop keeps the timers, which are rows of the database. Agents act through the desk.
The policy is bot/care/policy.yml, causes are read by bot/care/causes.yml.
"""

from bot.care.acting import ACTIONS, Action
from bot.care.cases import ENDINGS, LEVEL_NAMES, CareCase, open_care_case
from bot.care.heard import Comfort, Said
from bot.care.policy import (
    POLICY_FILE,
    CarePolicy,
    CarePolicyError,
    CarePolicyFile,
    Limit,
    load_policy,
)
from bot.care.reasons import CAUSES, SCENES, Reason, Reasons, Sentence, load_reasons
from bot.care.service import Care

__all__ = [
    "ACTIONS",
    "CAUSES",
    "ENDINGS",
    "LEVEL_NAMES",
    "POLICY_FILE",
    "SCENES",
    "Action",
    "Care",
    "CareCase",
    "CarePolicy",
    "CarePolicyError",
    "CarePolicyFile",
    "Comfort",
    "Limit",
    "Reason",
    "Reasons",
    "Said",
    "Sentence",
    "load_policy",
    "load_reasons",
    "open_care_case",
]

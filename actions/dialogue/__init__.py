"""The dialogue core: memory, requests, unfinished tasks, the identity gate and the router.

Skills (actions.orders, actions.points …) build on it and know nothing of each other.
"""

from actions.dialogue.fragments import LOOKS_UP, bare_question
from actions.dialogue.meanings import MEANINGS
from actions.dialogue.memory import Memory, Task
from actions.dialogue.message import FALLBACK, FAQ, UNHEARD, Entity, Message, read_message
from actions.dialogue.proving import require_identity
from actions.dialogue.request import Request, read_request
from actions.dialogue.router import Router
from actions.dialogue.skill import Skill
from actions.dialogue.turn import Turn

__all__ = [
    "FALLBACK",
    "FAQ",
    "LOOKS_UP",
    "MEANINGS",
    "UNHEARD",
    "Entity",
    "Memory",
    "Message",
    "Request",
    "Router",
    "Skill",
    "Task",
    "Turn",
    "bare_question",
    "read_message",
    "read_request",
    "require_identity",
]

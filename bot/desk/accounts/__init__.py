"""Agents' accounts: who they are, how they log in, what a session is."""

from bot.desk.accounts.demo import DEMO_AGENTS, seed_demo_agents
from bot.desk.accounts.door import Door
from bot.desk.accounts.passwords import Passwords
from bot.desk.accounts.people import LANGUAGES, SKILLS, NewAgent, People
from bot.desk.accounts.sessions import Actor, Sessions
from bot.desk.accounts.totp import Factors

__all__ = [
    "DEMO_AGENTS",
    "LANGUAGES",
    "SKILLS",
    "Actor",
    "Door",
    "Factors",
    "NewAgent",
    "Passwords",
    "People",
    "Sessions",
    "seed_demo_agents",
]

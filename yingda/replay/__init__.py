"""Scripted dialogues: read them from YAML, run them, say what differs.

The format is described for its writers in tests/dialogues/README.md. This package knows nothing of
how a message is sent: ``run`` is given a function for it.
"""

from yingda.replay.compare import Difference, compare
from yingda.replay.fresh import FreshShop
from yingda.replay.parse import Dialogue, Step, dialogue_files, parse
from yingda.replay.run import Conversation, run

__all__ = [
    "Conversation",
    "Dialogue",
    "Difference",
    "FreshShop",
    "Step",
    "compare",
    "dialogue_files",
    "parse",
    "run",
]

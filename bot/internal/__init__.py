"""Routes for our own processes only: the engine's calls to actions, and the command line.

Every route asks for the internal token; none is meant to be reachable from outside.
"""

from bot.internal.routes import build_internal_router

__all__ = ["build_internal_router"]

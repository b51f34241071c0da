"""The launcher: trains the model, starts engine and service, and keeps them running.

``up`` runs a stack in the foreground; ``connection`` finds a running one or runs a quiet,
temporary one for the time of a command. Every expected failure is a ``LaunchError`` whose text is
one sentence for the person at the terminal.
"""

from yingda.launcher.errors import LaunchError
from yingda.launcher.home import ROOT, Home
from yingda.launcher.progress import Progress

__all__ = ["ROOT", "Home", "LaunchError", "Progress"]

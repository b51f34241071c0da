"""The hotline's process: engines loaded once, doors opened, calls admitted and counted.

`create_app` is what uvicorn runs; `Parts` are the engines that all calls share.
"""

from ivr.process.app import create_app
from ivr.process.hotline import Hotline
from ivr.process.parts import Parts, open_parts

__all__ = ["Hotline", "Parts", "create_app", "open_parts"]

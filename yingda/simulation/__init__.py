"""A believable history with a known truth, written through the real path (``yingda simulate``).

`plan` draws who comes when about what and how it will go; `Simulation` lets it happen: the real turn
service, handoff desk and records, with a clock that it moves and an engine that says what the plan
says. `Truth` is what the reports must find.
"""

from yingda.simulation.plan import Contact, World, plan
from yingda.simulation.run import Simulation
from yingda.simulation.truth import Happened, Truth

__all__ = ["Contact", "Happened", "Simulation", "Truth", "World", "plan"]

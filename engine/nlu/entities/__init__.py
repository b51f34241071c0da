"""Reads what a message names: numbers, products, days, amounts. Values are normalised.

Each module finds one family in a normalised text and returns ``Found``s; ``reader`` is the Rasa
component that runs them all and settles overlaps.
"""

from engine.nlu.entities.found import Found
from engine.nlu.entities.reader import EntityReader, read_entities

__all__ = ["EntityReader", "Found", "read_entities"]

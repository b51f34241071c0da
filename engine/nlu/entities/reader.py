"""The Rasa component that fills ``entities``."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional
from zoneinfo import ZoneInfo

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.nlu.clauses import PARTS
from engine.nlu.entities.dates import read_dates
from engine.nlu.entities.digits import read_digits
from engine.nlu.entities.found import settle
from engine.nlu.entities.measures import (
    read_money,
    read_ordinals,
    read_points,
    read_quantities,
)
from engine.nlu.entities.products import Catalogue
from engine.nlu.storage import keep, recall
from engine.nlu.text import normalise

BUSINESS_TIME = ZoneInfo("Asia/Shanghai")
_LONGEST = 2000
"""Characters that are read; nobody names things beyond that."""


def read_entities(text: str, catalogue: Catalogue, today: date) -> List[Dict[str, Any]]:
    """Find all entities of a text as Rasa writes them, with ``text`` as the customer said it."""
    text = text[:_LONGEST]
    normal = normalise(text)
    plain = normal.text
    found = settle(
        [
            *catalogue.read(plain),
            *(one for one in read_digits(plain) if one.entity != "phone_tail"),
            *read_money(plain),
            *read_points(plain),
            *read_ordinals(plain),
            *read_dates(plain, today),
            *read_quantities(plain),
            *(one for one in read_digits(plain) if one.entity == "phone_tail"),
        ]
    )
    entities = []
    for one in found:
        start, end = normal.span(one.start, one.end)
        entities.append(
            {
                "entity": one.entity,
                "value": one.value,
                "start": start,
                "end": end,
                "text": text[start:end],
                "extractor": "EntityReader",
            }
        )
    return entities


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class EntityReader(GraphComponent):
    """Rule-based reading; training only takes the shop's catalogue into the model."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """``catalogue``: the product list, relative to the folder in which Rasa is run."""
        return {"catalogue": "data/shop/catalogue.yml"}

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Take the catalogue in anew when it changed."""
        path = Path(config.get("catalogue") or cls.get_default_config()["catalogue"])
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None

    def __init__(
        self,
        config: Dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        catalogue: Catalogue,
        today: Callable[[], date] = lambda: datetime.now(BUSINESS_TIME).date(),
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._catalogue = catalogue
        self._today = today

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "EntityReader":
        """Make an untrained component (Rasa's interface)."""
        return cls(config, model_storage, resource, Catalogue([]))

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "EntityReader":
        """Load the component with its catalogue (Rasa's interface)."""
        described, _ = recall(model_storage, resource)
        return cls(config, model_storage, resource, Catalogue.parse(described["products"]))

    def train(self, training_data: TrainingData) -> Resource:
        """Take the catalogue into the model."""
        self._catalogue = Catalogue.load(Path(self._config["catalogue"]))
        keep(self._storage, self._resource, {"products": self._catalogue.describe()}, {})
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the entities of each message."""
        today = self._today()
        for message in messages:
            text = message.get(TEXT)
            if text:
                found = read_entities(text, self._catalogue, today)
                message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
                for part in message.get(PARTS) or []:
                    part[ENTITIES] = [
                        one for one in found if part["start"] <= one["start"] < part["end"]
                    ]
        return messages
